/** One way to do a piece of work. What `run` returns is kept, so that the engine cannot leave the work out. */
export interface Variant {
  readonly name: string;
  /** Called before each batch, unmeasured, with how often `run` is going to be called. */
  prepare?(times: number): void;
  /** How often it may run in a batch: where what is prepared would not stay in the caches. */
  readonly atMost?: number;
  run(): unknown;
}

/**
 * How long to look: rounds, and the shortest time that a variant is run for in each. Before the first it runs until it
 * has been at work for `warmUpMs`, and `warmUps` times: the engine compiles by how often code ran, not by how long.
 */
export interface Effort {
  readonly rounds: number;
  readonly batchMs: number;
  readonly warmUps: number;
  readonly warmUpMs: number;
}

export interface Comparison {
  /**
   * Whether single runs take turns, each timed alone, instead of batches; a round's figure is the median of its runs.
   * For large buffers against a limit: what fresh memory costs, which is more than filling it, depends on what was
   * allocated before, and a collection that falls into a batch by chance is nobody's. Runs must take microseconds.
   */
  readonly runByRun?: boolean;
  /** Whether all run equally often in a batch, so that equally many large buffers lie about. */
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
 * would throw compiled code away too, and small pieces of work would be measured uncompiled.) What may run only a few times in
 * a batch has as many batches as fill the same time.
 */
export function compare(
  variants: readonly Variant[],
  effort: Effort,
  { runByRun = false, evenly = false }: Comparison = {},
): Timings {
  const plans: Plan[] = variants.map((variant) => ({ ...variant, ...planFor(variant, effort), ns: [] }));
  if (evenly || runByRun) {
    const least = Math.min(...plans.map(({ times }) => times));
    for (const plan of plans) plan.times = least;
  }
  for (let round = 0; round < effort.rounds; round++) {
    const turns = plans.map((_, turn) => plans[(round + turn) % plans.length]!);
    if (runByRun) {
      collectGarbage("minor");
      takeTurns(turns);
      continue;
    }
    for (const plan of turns) {
      collectGarbage("minor");
      let ns = 0;
      for (let each = 0; each < plan.batches; each++) ns += batch(plan, plan.times);
      plan.ns.push(ns / (plan.times * plan.batches));
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

interface Plan extends Variant {
  /** How often it runs in a batch, and how many batches are a round. */
  times: number;
  readonly batches: number;
  readonly ns: number[];
}

/** Warms a variant up, and finds how often it has to run to fill a round. */
function planFor(variant: Variant, { batchMs, warmUps, warmUpMs }: Effort): Pick<Plan, "times" | "batches"> {
  const batchNs = batchMs * 1e6;
  const { atMost = Number.POSITIVE_INFINITY } = variant;
  let times = 1;
  let runs = 0;
  let spentNs = 0;
  let batches = 1;
  for (let filled = 0; filled < 3 || runs < warmUps || spentNs < warmUpMs * 1e6; ) {
    const ns = Math.max(batch(variant, times), 1);
    runs += times;
    spentNs += ns;
    if (ns >= batchNs || times >= atMost) {
      filled++;
      batches = Math.max(1, Math.round(batchNs / ns));
      continue;
    }
    times = Math.min(atMost, Math.max(times + 1, Math.min(times * 10, Math.ceil((times * batchNs * 1.1) / ns))));
  }
  return { times, batches };
}

function takeTurns(plans: readonly Plan[]): void {
  const single = plans.map(({ times }) => new Float64Array(times));
  for (let time = 0; time < plans[0]!.times; time++) {
    for (let turn = 0; turn < plans.length; turn++) {
      // Whoever follows on the larger buffer of another one is not always the same.
      const which = (time + turn) % plans.length;
      single[which]![time] = batch(plans[which]!, 1);
    }
  }
  for (const [which, plan] of plans.entries()) plan.ns.push(quantile(single[which]!, 0.5));
}

function batch(variant: Variant, times: number): number {
  variant.prepare?.(times);
  const start = process.hrtime.bigint();
  for (let time = 0; time < times; time++) kept.last = variant.run();
  return Number(process.hrtime.bigint() - start);
}
