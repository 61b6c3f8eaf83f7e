/** What is wrong with received bytes, and where: the path grows as the fault travels outwards. */
export class WireFault extends Error {
  readonly reason: string;
  path = "";

  constructor(reason: string) {
    super(reason);
    this.name = "WireFault";
    this.reason = reason;
  }
}

/** Puts `segment` in front of a fault's path; anything else passes through. Made for `throw within(…)`. */
export function within(segment: string, error: unknown): unknown {
  if (error instanceof WireFault) {
    error.path =
      error.path === "" || error.path.startsWith("[") ? `${segment}${error.path}` : `${segment}.${error.path}`;
  }
  return error;
}

/** A remote name as a path shows it: quoted, and cut where it is long. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
