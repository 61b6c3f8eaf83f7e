import type { EndpointEvent } from "../../../src/contract/events.ts";
import type { Target } from "../../../src/contract/target.ts";
import type { Transport } from "../../../src/contract/transport.ts";
import { createEndpoints, type EndpointsOptions } from "../../../src/endpoints/endpoints.ts";
import { toBalancingSettings } from "../../../src/endpoints/settings.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { seededRandom } from "../../../src/internal/seeded-random.ts";
import { newContext } from "../policies/call-context.ts";
import { FakeClock } from "../policies/fake-clock.ts";

/** What a simulated host does with a call: answers after some time, fails after some time, or is silent. */
export type Behaviour = () => { readonly afterMs: number; readonly error?: ServingError } | "silence";

export class SimHost implements Transport {
  readonly name = "grpc";
  readonly endpoint: string;
  calls = 0;
  failed = 0;
  closed = 0;
  connects = 0;
  behaviour: Behaviour;
  readonly #clock: FakeClock;

  constructor(endpoint: string, clock: FakeClock, behaviour: Behaviour) {
    this.endpoint = endpoint;
    this.#clock = clock;
    this.behaviour = behaviour;
  }

  readonly call: Transport["call"] = (_operation, _request, { cancellation, ledger }) => {
    this.calls++;
    ledger.phase = "waiting for the reply";
    return new Promise((resolve, reject) => {
      const plan = this.behaviour();
      const record = (code: "OK" | "UNAVAILABLE") =>
        ledger.attempts.push({ attempt: ledger.attempts.length + 1, endpoint: this.endpoint, code, durationMs: 0 });
      const release = cancellation.onCancel((reason) => {
        this.#clock.clearTimeout(timer);
        record("UNAVAILABLE");
        reject(reason);
      });
      const timer =
        plan === "silence"
          ? undefined
          : this.#clock.setTimeout(() => {
              release();
              record(plan.error === undefined ? "OK" : "UNAVAILABLE");
              if (plan.error === undefined) return resolve({ versions: [] } as never);
              this.failed++;
              reject(plan.error);
            }, plan.afterMs);
    });
  };

  async connect(): Promise<void> {
    this.connects++;
    const plan = this.behaviour();
    if (plan !== "silence" && plan.error !== undefined) throw plan.error;
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

export function target(address: string, host = address, port = 8500): Target {
  return {
    wire: "grpc",
    secure: false,
    host,
    port,
    socketPath: undefined,
    pathPrefix: "",
    endpoint: `grpc://${address}:${port}`,
  };
}

export const gone = () => new ServingError("no connection: ECONNREFUSED", { code: "UNAVAILABLE", kind: "unavailable" });

export interface Fleet {
  readonly clock: FakeClock;
  readonly random: () => number;
  readonly transport: Transport;
  readonly events: EndpointEvent[];
  /** By host, the newest where one was opened twice. */
  readonly hosts: Map<string, SimHost>;
  readonly opened: SimHost[];
  host(name: string): SimHost;
}

/** A balancer over simulated hosts, on a clock and a chance that repeat. */
export function fleet(
  behaviours: Readonly<Record<string, Behaviour>>,
  options: Partial<EndpointsOptions> & { readonly seed?: number } = {},
): Fleet {
  const clock = new FakeClock();
  const random = seededRandom(options.seed ?? 1);
  const events: EndpointEvent[] = [];
  const hosts = new Map<string, SimHost>();
  const opened: SimHost[] = [];
  const transport = createEndpoints({
    name: "grpc",
    endpoint: "grpc://fleet:8500",
    fixed: options.names === undefined ? Object.keys(behaviours).map((name) => target(name)) : [],
    names: [],
    open: ({ endpoint, address, host }) => {
      const sim = new SimHost(endpoint, clock, behaviours[address ?? host] ?? (() => ({ afterMs: 5 })));
      hosts.set(endpoint, sim);
      opened.push(sim);
      return sim;
    },
    balancing: toBalancingSettings(undefined),
    circuitBreaker: false,
    connectTimeoutMs: 2_000,
    emit: (event) => events.push(event),
    clock,
    random,
    lookup: async () => [],
    reach: async () => true,
    ...options,
  });
  return { clock, random, transport, events, hosts, opened, host: (name) => hosts.get(`grpc://${name}:8500`)! };
}

export interface CallPlan {
  readonly maxRetries?: number;
  readonly attemptTimeoutMs?: number;
  readonly timeoutMs?: number;
  readonly model?: string;
}

export interface CallEnd {
  readonly error: unknown;
  readonly tookMs: number;
  readonly startedAt: number;
  readonly attempts: number;
}

const ENDED = "the attempt is over";

/** One call as the stack would make it, tried elsewhere at once when it fails. */
export async function callOnce({ clock, transport }: Fleet, plan: CallPlan = {}): Promise<CallEnd> {
  const startedAt = clock.now();
  const deadlineAt = startedAt + (plan.timeoutMs ?? 30_000);
  const avoid = new Set<string>();
  let error: unknown;
  let attempt = 0;
  while (attempt <= (plan.maxRetries ?? 0)) {
    attempt++;
    const cancellation = new Cancellation();
    const endAt = Math.min(deadlineAt, clock.now() + (plan.attemptTimeoutMs ?? Number.POSITIVE_INFINITY));
    const timer = clock.setTimeout(
      () => cancellation.cancel(new ServingError("too late", { code: "DEADLINE_EXCEEDED", kind: "timeout" })),
      endAt - clock.now(),
    );
    const context = newContext({ cancellation, attempt, avoid: new Set(avoid) });
    try {
      await transport.call("getModelStatus", { model: plan.model ?? "m" }, context);
      error = undefined;
    } catch (caught) {
      error = caught;
      const last = context.ledger.attempts.at(-1)?.endpoint;
      if (last !== undefined) avoid.add(last);
    }
    clock.clearTimeout(timer);
    cancellation.cancel(ENDED);
    if (error === undefined || clock.now() >= deadlineAt) break;
  }
  return { error, tookMs: clock.now() - startedAt, startedAt, attempts: attempt };
}

/** Calls at a steady rate with random gaps, until all have ended. */
export async function openLoop(sim: Fleet, perSecond: number, forMs: number, plan: CallPlan = {}): Promise<CallEnd[]> {
  const ends: Promise<CallEnd>[] = [];
  const until = sim.clock.now() + forMs;
  while (sim.clock.now() < until) {
    ends.push(callOnce(sim, plan));
    await sim.clock.advance((-Math.log(1 - sim.random()) * 1_000) / perSecond);
  }
  await sim.clock.advance(60_000);
  return Promise.all(ends);
}

/** As many callers as told, each making its next call when the last one has ended. */
export async function closedLoop(sim: Fleet, callers: number, calls: number, plan: CallPlan = {}): Promise<CallEnd[]> {
  const ends: CallEnd[] = [];
  let left = calls;
  const caller = async () => {
    while (left-- > 0) ends.push(await callOnce(sim, plan));
  };
  const all = Promise.all(Array.from({ length: callers }, caller));
  while (ends.length < calls) await sim.clock.advance(1);
  await all;
  return ends;
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}
