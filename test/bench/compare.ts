/** One way to do a piece of work. What `run` returns is kept, so that the engine cannot leave the work out. */
export interface Variant {
  readonly name: string;
  /** Called before each batch, unmeasured, with how often `run` is going to be called. */
  prepare?(times: number): void;
  /** How often it may run in a batch: where what is prepared would not stay in the caches. */
  readonly atMost?: number;
  run(): unknown;
}

/** How long to look: rounds, the shortest time that a variant is run for in each, and how often before the first. */
export interface Effort {
  readonly rounds: number;
  readonly batchMs: number;
  readonly warmUps: number;
}

export interface Comparison {
  /**
   * Whether all run equally often in a batch. Large buffers need it: how much of their memory is fresh, which costs
   * more than filling it, depends on how many of them lie about.
   */
  readonly evenly?: boolean;
}

/** Nanoseconds of one run, by variant and round. */
export interface Timings {
  medianNs(name: string): number;
  /** How many times longer `slow` takes than `fast`: the median of the rounds' ratios. */
  ratio(slow: string, fast: string): number;
}

/** Where results go to stay alive until the next one. */
const kept: { last: unknown } = { last: undefined };

/**
 * Times variants of the same work against each other.
 *
 * tinybench runs one task after the other, each for its whole time. On a shared machine the clock rate drifts by a
 * factor of two within such a run, and a quotient of two figures taken seconds apart is worth little. Here every round
 * runs every variant once, in turning order, and what counts is the median of the quotients within a round. Before
 * each batch the young garbage of the one before is taken away, so that everybody pays for his own. (A full collection
 * would throw compiled code away too, and small pieces of work would be measured uncompiled.)
 */
export function compare(variants: readonly Variant[], effort: Effort, { evenly = false }: Comparison = {}): Timings {
  const plans = variants.map((variant) => ({ ...variant, times: timesFor(variant, effort), ns: [] as number[] }));
  if (evenly) {
    const least = Math.min(...plans.map(({ times }) => times));
    for (const plan of plans) plan.times = least;
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (let turn = 0; turn < plans.length; turn++) {
      const plan = plans[(round + turn) % plans.length]!;
      collectGarbage("minor");
      plan.ns.push(batch(plan, plan.times) / plan.times);
    }
  }
  kept.last = undefined;
  const byName = new Map(plans.map(({ name, ns }) => [name, ns]));
  const of = (name: string): number[] => {
    const ns = byName.get(name);
    if (ns === undefined) throw new Error(`no variant "${name}"`);
    return ns;
  };
  return {
    medianNs: (name) => median(of(name)),
    ratio: (slow, fast) => median(of(slow).map((ns, round) => ns / of(fast)[round]!)),
  };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Needs `--expose-gc`, which every process of this suite is started with. */
export function collectGarbage(type: "major" | "minor" = "major"): void {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  globalThis.gc({ type, execution: "sync" });
}

/** Warms a variant up, and finds how often it has to run to fill a batch. */
function timesFor(variant: Variant, { batchMs, warmUps }: Effort): number {
  const batchNs = batchMs * 1e6;
  const { atMost = Number.POSITIVE_INFINITY } = variant;
  let times = 1;
  let runs = 0;
  for (let filled = 0; filled < 3 || runs < warmUps; ) {
    const ns = batch(variant, times);
    runs += times;
    if (ns >= batchNs) filled++;
    else if (times >= atMost) filled++;
    else
      times = Math.min(
        atMost,
        Math.max(times + 1, Math.min(times * 10, Math.ceil((times * batchNs * 1.1) / Math.max(ns, 1)))),
      );
  }
  return times;
}

function batch(variant: Variant, times: number): number {
  variant.prepare?.(times);
  const start = process.hrtime.bigint();
  for (let time = 0; time < times; time++) kept.last = variant.run();
  return Number(process.hrtime.bigint() - start);
}
