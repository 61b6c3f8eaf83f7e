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
