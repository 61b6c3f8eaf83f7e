import { collectGarbage, median, quantile } from "./compare.ts";

/** One way to make the same call. */
export interface Caller {
  readonly name: string;
  call(): Promise<unknown>;
}

/** Medians over the rounds, by caller. */
export interface Load {
  readonly perSecond: number;
  /** From one answer to the next, all callers together. */
  readonly everyNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  /** Processor time of the client's process for one call, all its threads together. */
  readonly cpuNs: number;
}

export interface Loads {
  of(name: string): Load;
  /** How many times more processor time a call of `slow` takes than one of `fast`: the median of the rounds' ratios. */
  cpuRatio(slow: string, fast: string): number;
  /** The same of any time. */
  ratio(time: Exclude<keyof Load, "perSecond">, slow: string, fast: string): number;
}

export interface LoadPlan {
  /** Calls under way at any time. */
  readonly concurrency: number;
  readonly rounds: number;
  readonly sliceMs: number;
}

/**
 * How much of a slice everybody runs for before it counts. How often V8 collects everything depends on what was on the heap
 * the last times: who comes after a caller that fills it would be spared what the next one has to pay.
 */
const LEAD = 0.5;

/** Lets the callers take turns, a slice of time each, round after round. */
export async function compareLoads(callers: readonly Caller[], plan: LoadPlan): Promise<Loads> {
  const slices = new Map(callers.map(({ name }) => [name, [] as Load[]]));
  for (const { call } of callers) await warmUp(call, plan);
  const strides = stridesOf(callers.length);
  for (let round = 0; round < plan.rounds; round++) {
    const stride = strides[round % strides.length]!;
    for (let turn = 0; turn < callers.length; turn++) {
      const { name, call } = callers[(round + turn * stride) % callers.length]!;
      // A full one would throw compiled code away too.
      collectGarbage("minor");
      await slice(call, plan.concurrency, plan.sliceMs * LEAD);
      slices.get(name)!.push(await slice(call, plan.concurrency, plan.sliceMs));
    }
  }
  const of = (name: string, member: keyof Load) => slices.get(name)!.map((load) => load[member]);
  const ratio: Loads["ratio"] = (time, slow, fast) =>
    median(of(slow, time).map((ns, round) => ns / of(fast, time)[round]!));
  return {
    of: (name) => ({
      perSecond: median(of(name, "perSecond")),
      everyNs: median(of(name, "everyNs")),
      p50Ns: median(of(name, "p50Ns")),
      p99Ns: median(of(name, "p99Ns")),
      cpuNs: median(of(name, "cpuNs")),
    }),
    cpuRatio: (slow, fast) => ratio("cpuNs", slow, fast),
    ratio,
  };
}

/** Steps that lead to all of `count` callers, so that not always the same one comes before another. */
function stridesOf(count: number): number[] {
  const steps = Array.from({ length: Math.max(1, count - 1) }, (_, index) => index + 1);
  return steps.filter((step) => greatestDivisor(step, count) === 1);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** So many calls that everything on their way is compiled: the more layers a client has, the more that takes. */
const WARM_CALLS = 20_000;
const WARM_SLICES = 6;
/** Calls of which fewer than this fit into a slice spend their time in loops, which are compiled soon. */
const LARGE_CALLS = 200;

async function warmUp(call: () => Promise<unknown>, { concurrency, sliceMs }: LoadPlan): Promise<void> {
  let calls = 0;
  for (let each = 0; each < WARM_SLICES && calls < WARM_CALLS; each++) {
    const { perSecond } = await slice(call, concurrency, sliceMs);
    calls += (perSecond * sliceMs) / 1000;
    if (calls < LARGE_CALLS) break;
  }
}

async function slice(call: () => Promise<unknown>, concurrency: number, sliceMs: number): Promise<Load> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + sliceMs;
  const cpu = process.cpuUsage();
  const worker = async () => {
    do {
      const before = performance.now();
      await call();
      latencies.push(performance.now() - before);
    } while (performance.now() < endsAt);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const { user, system } = process.cpuUsage(cpu);
  const elapsedMs = performance.now() - startedAt;
  return {
    perSecond: (latencies.length / elapsedMs) * 1000,
    everyNs: (elapsedMs * 1e6) / latencies.length,
    p50Ns: quantile(latencies, 0.5) * 1e6,
    p99Ns: quantile(latencies, 0.99) * 1e6,
    cpuNs: ((user + system) * 1000) / latencies.length,
  };
}

/**
 * Bytes that a call leaves on the heap: makes calls one after the other with a young generation so large that nothing
 * is collected meanwhile (`--max-semi-space-size`), the median of several rounds.
 */
export async function heapPerCall({ call }: Caller, rounds: number, calls: number): Promise<number> {
  for (let warm = 0; warm < calls; warm++) await call();
  const bytes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let each = 0; each < calls; each++) await call();
    bytes.push((process.memoryUsage().heapUsed - before) / calls);
  }
  return median(bytes);
}
