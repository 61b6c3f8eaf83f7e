/** One line of the table: our figure beside another one, and how far apart they are meant to be. */
export interface Finding {
  /** What was done. */
  readonly work: string;
  /** What we are held against. */
  readonly against: string;
  readonly ours: Figure;
  readonly theirs: Figure;
  /** How many times cheaper or faster we are; for a limit or a budget, our figure divided by it. */
  readonly ratio: number;
  /** What the ratio (a difference, for `budget`) should be; left out for lines that only inform. */
  readonly goal?: Goal;
}

export interface Figure {
  readonly value: number;
  readonly unit: "ns" | "B";
}

export interface Goal {
  /** `at least` as many times better than a peer, or `at most` as many times a limit. */
  readonly kind: "at least" | "at most";
  readonly value: number;
}

/** A peer that could not be asked, and why. */
export interface Absence {
  readonly work: string;
  readonly reason: string;
}

/** How a caller did against the server in the other process. */
export interface Rate {
  readonly work: string;
  readonly caller: string;
  readonly perSecond: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly cpuNs: number;
}

export interface GroupResult {
  readonly findings: readonly Finding[];
  readonly rates?: readonly Rate[];
  readonly absences?: readonly Absence[];
}

export function isMet({ ratio, goal }: Finding): boolean | undefined {
  if (goal === undefined) return undefined;
  return goal.kind === "at least" ? ratio >= goal.value : ratio <= goal.value;
}

export function atLeast(value: number): Goal {
  return { kind: "at least", value };
}

export function atMost(value: number): Goal {
  return { kind: "at most", value };
}
