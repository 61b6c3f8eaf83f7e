import type { LookupAddresses } from "../contract/balancing.ts";
import type { EndpointState } from "../contract/endpoint-state.ts";
import type { EmitEvent } from "../contract/events.ts";
import type { Target } from "../contract/target.ts";
import type { CallContext, Transport } from "../contract/transport.ts";
import { extendMessage } from "../errors/annotate.ts";
import { closedError } from "../errors/closed.ts";
import { retryFactsOf } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Clock } from "../internal/clock.ts";
import { modelKey } from "./absent-models.ts";
import { TrialBackOff } from "./back-off.ts";
import { chooseEndpoint } from "./choose-endpoint.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { circuitOpen } from "./circuit-open.ts";
import { Ejection } from "./ejection.ts";
import { Endpoint } from "./endpoint.ts";
import { judgeOutcome, type Outcome } from "./judge-outcome.ts";
import type { Reach } from "./race-families.ts";
import { renewSilent } from "./renew-silent.ts";
import { ResolvedName } from "./resolved-name.ts";
import type { BalancingSettings, CircuitBreakerSettings } from "./settings.ts";
import { lateLookup, unresolvable } from "./unresolvable.ts";
import { within } from "./within.ts";

export interface EndpointsOptions {
  readonly name: Transport["name"];
  /** What stands for all of them in errors and logs. */
  readonly endpoint: string;
  /** Servers by their IP address or socket, and names to be looked up. At least one of either. */
  readonly fixed: readonly Target[];
  readonly names: readonly Target[];
  /** The way to one server; opens nothing before its first call. */
  readonly open: (target: Target) => Transport;
  readonly balancing: BalancingSettings;
  readonly circuitBreaker: CircuitBreakerSettings | false;
  readonly connectTimeoutMs: number;
  readonly emit: EmitEvent;
  readonly clock: Clock;
  readonly random: () => number;
  readonly lookup: LookupAddresses;
  readonly reach: Reach;
}

/**
 * A transport made of transports, one a server: each call goes to one of them, chosen by how loaded, slow and faulty
 * they are. It sends nothing twice; trying elsewhere is the business of the retry above it.
 */
export function createEndpoints(options: EndpointsOptions): Transport {
  return new Endpoints(options);
}

class Endpoints implements Transport {
  readonly name: Transport["name"];
  readonly endpoint: string;
  readonly #options: EndpointsOptions;
  readonly #ejection: Ejection;
  readonly #names: readonly ResolvedName[];
  /** By address; the ones that drain are in it until their last call has ended. */
  readonly #byAddress = new Map<string, Endpoint>();
  #all: readonly Endpoint[] = [];
  #anyOut = false;
  #resolved = false;
  #closed: Promise<void> | undefined;

  constructor(options: EndpointsOptions) {
    this.name = options.name;
    this.endpoint = options.endpoint;
    this.#options = options;
    this.#ejection = new Ejection(options.balancing, options.emit);
    const { lookup, reach, clock, random, connectTimeoutMs, emit } = options;
    const { refreshMs } = options.balancing;
    const onChange = () => this.#update();
    const parts = { lookup, reach, clock, random, connectTimeoutMs, emit, refreshMs, onChange };
    this.#names = options.names.map((target) => new ResolvedName(target, parts));
    this.#update();
  }

  readonly call: Transport["call"] = async (operation, request, context) => {
    if (!this.#resolved) await this.#resolve(context);
    if (this.#closed !== undefined) throw closedError("the client was closed");
    const model = modelKey(request);
    const startedAt = this.#options.clock.now();
    const sent = this.#enter(context, model, startedAt);
    try {
      const response = await sent.endpoint.transport.call(operation, request, context);
      this.#settled(sent, "ok", this.#options.clock.now(), undefined);
      if (model !== undefined) sent.endpoint.absent.remove(model);
      return response;
    } catch (error) {
      const now = this.#options.clock.now();
      this.#settled(sent, this.#judge(error, context, now - startedAt), now, error);
      if (model !== undefined && error instanceof ServingError && error.kind === "not_found") {
        sent.endpoint.absent.add(model, now);
      }
      this.#explain(error, context, now);
      throw error;
    } finally {
      sent.endpoint.load.end();
      if (sent.endpoint.draining) this.#removeDrained(sent.endpoint);
    }
  };

  /** Resolves when one of the servers can be sent calls. Rejects with what the last of them failed with when none can. */
  async connect(context: CallContext): Promise<void> {
    if (!this.#resolved) await this.#resolve(context);
    const tries = this.#all.filter(({ draining }) => !draining).map((endpoint) => this.#connectOne(endpoint, context));
    await Promise.any(tries).catch(async () => {
      const [first] = await Promise.allSettled(tries);
      const error: unknown = first?.status === "rejected" ? first.reason : undefined;
      this.#explain(error, context, this.#options.clock.now());
      throw error;
    });
  }

  alternatives(avoid: ReadonlySet<string>): number {
    return this.#all.filter(({ address, draining, state }) => !draining && state === "active" && !avoid.has(address))
      .length;
  }

  endpoints(): readonly EndpointState[] {
    const now = this.#options.clock.now();
    return this.#all.map((endpoint) => endpoint.describe(now));
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    for (const name of this.#names) name.close();
    await Promise.all(this.#all.map(({ transport }) => transport.close()));
  }

  #enter(context: CallContext, model: string | undefined, now: number): Sent {
    const due = this.#anyOut && context.attempt === 1 ? this.#trialDue(context, now) : undefined;
    if (due !== undefined) this.#ejection.beginTrial(due);
    const panic = due === undefined && this.#anyOut && this.#ejection.isPanic(this.#all);
    const wish = { avoid: context.avoid, model, panic };
    const endpoint = due ?? chooseEndpoint(this.#all, wish, now, this.#options.random);
    if (endpoint === undefined) throw circuitOpen(this.#all, now);
    const circuitTrial = endpoint.breaker?.enter(now) === true;
    if (circuitTrial) this.#options.emit({ type: "circuitHalfOpened", endpoint: endpoint.address });
    endpoint.load.begin(now);
    context.ledger.endpoint = endpoint.address;
    return { endpoint, startedAt: now, trial: due !== undefined, circuitTrial };
  }

  #trialDue({ avoid }: CallContext, now: number): Endpoint | undefined {
    return this.#all.find(
      (each) =>
        !each.draining &&
        this.#ejection.isTrialDue(each, now) &&
        !avoid.has(each.address) &&
        each.breaker?.admits(now) !== false,
    );
  }

  #judge(error: unknown, context: CallContext, elapsedMs: number): Outcome {
    const outcome = judgeOutcome(error, context.cancellation);
    // No host could have answered: the caller did not give it the time.
    return outcome === "late" && elapsedMs < this.#leastLatencyMs() ? "nothing" : outcome;
  }

  #leastLatencyMs(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { load } of this.#all) least = Math.min(least, load.latency.answeredMs ?? least);
    return least === Number.POSITIVE_INFINITY ? 0 : least;
  }

  #settled(sent: Sent, outcome: Outcome, now: number, error: unknown): void {
    const { endpoint } = sent;
    const elapsedMs = now - sent.startedAt;
    if (outcome === "ok") {
      endpoint.load.latency.observe(now, elapsedMs);
      endpoint.answered(now);
    } else if (outcome === "answered") {
      endpoint.answered(now);
    } else if (outcome === "busy") {
      endpoint.load.sign(now);
      endpoint.load.fault(now);
    } else {
      if (outcome === "late" || outcome === "nothing") endpoint.load.latency.observeAtLeast(now, elapsedMs);
      if (outcome !== "nothing") endpoint.failed(now, error, outcome !== "failed");
    }
    this.#tellCircuit(sent, outcome, now);
    if (outcome === "ok" && !sent.trial) return;
    this.#judgeEndpoint(sent, outcome, now);
  }

  #judgeEndpoint({ endpoint, trial }: Sent, outcome: Outcome, now: number): void {
    const failed = FAULTS.has(outcome);
    if (trial)
      this.#ejection.endTrial(endpoint, failed ? "failed" : outcome === "nothing" ? "undecided" : "answered", now);
    else if (failed) this.#ejection.judge(endpoint, this.#all, now);
    this.#anyOut = this.#all.some(({ state }) => state !== "active");
    if (outcome !== "gone" && outcome !== "late") return;
    const allFail = this.#all.every(({ faultsInARow }) => faultsInARow > 0);
    for (const name of this.#names) name.hurry(allFail);
  }

  #tellCircuit({ endpoint, circuitTrial }: Sent, outcome: Outcome, now: number): void {
    const { breaker, address, eventFault } = endpoint;
    if (breaker === undefined) return;
    const { emit } = this.#options;
    if (outcome === "nothing") {
      breaker.undecided(circuitTrial);
    } else if (outcome === "gone" || outcome === "late") {
      const forMs = breaker.failed(now, circuitTrial);
      if (forMs !== undefined) emit({ type: "circuitOpened", endpoint: address, forMs, lastFault: eventFault });
    } else if (breaker.succeeded(now, circuitTrial)) {
      emit({ type: "circuitClosed", endpoint: address });
    }
  }

  /** Where no replica has answered since its last fault, the error says what each of them did. */
  #explain(error: unknown, context: CallContext, now: number): void {
    const all = this.#all.filter(({ draining }) => !draining);
    if (!(error instanceof ServingError) || isNotOurs(error, context) || all.length < 2) return;
    if (all.some(({ faultsInARow }) => faultsInARow === 0)) return;
    const faults = all.map(({ address, lastFault }) =>
      lastFault === undefined
        ? address
        : `${address} [${lastFault.code}] ${lastFault.message} (${Math.round(now - lastFault.at)} ms ago)`,
    );
    extendMessage(error, `; none of the ${all.length} replicas answers: ${faults.join("; ")}`);
  }

  async #connectOne(endpoint: Endpoint, context: CallContext): Promise<void> {
    try {
      await endpoint.transport.connect?.(context);
    } catch (error) {
      const now = this.#options.clock.now();
      if (FAULTS.has(judgeOutcome(error, context.cancellation))) endpoint.failed(now, error, true);
      throw error;
    }
  }

  /** Has the names looked up, and waits for the first address where there is none yet. */
  async #resolve(context: CallContext): Promise<void> {
    const { clock, connectTimeoutMs, endpoint } = this.#options;
    const lookups = this.#names.map((name) => name.lookUp());
    for (const lookup of lookups) lookup.catch(() => {});
    if (this.#all.length === 0) {
      context.ledger.phase = "looking up the name";
      await within(Promise.any(lookups), context.cancellation, {
        clock,
        limitMs: connectTimeoutMs,
        late: () => lateLookup(endpoint, connectTimeoutMs),
      }).catch((error: unknown) => {
        throw error instanceof AggregateError ? unresolvable(endpoint, error.errors[0]) : error;
      });
      context.ledger.phase = "waiting for the server";
    }
    this.#resolved = true;
  }

  /** Opens what is new, lets what is gone come to its end. */
  #update(): void {
    const wanted = new Map<string, Target>();
    for (const target of [...this.#options.fixed, ...this.#names.flatMap(({ targets }) => targets)]) {
      if (!wanted.has(target.endpoint)) wanted.set(target.endpoint, target);
    }
    for (const [address, target] of wanted) {
      const known = this.#byAddress.get(address);
      if (known === undefined) this.#byAddress.set(address, this.#create(target));
      else known.draining = false;
    }
    const gone = [...this.#byAddress.values()].filter(({ address }) => !wanted.has(address));
    for (const endpoint of gone) endpoint.draining = true;
    this.#all = [...this.#byAddress.values()];
    for (const endpoint of gone) this.#removeDrained(endpoint);
  }

  #create(target: Target): Endpoint {
    const { open, balancing, circuitBreaker, random, clock, emit } = this.#options;
    return new Endpoint(target, {
      transport: renewSilent(() => open(target), { clock, emit }),
      breaker: circuitBreaker === false ? undefined : new CircuitBreaker(circuitBreaker, random),
      ejections: new TrialBackOff(balancing.ejectMs, balancing.maxEjectMs, random),
    });
  }

  #removeDrained(endpoint: Endpoint): void {
    if (endpoint.load.outstanding > 0 || this.#byAddress.get(endpoint.address) !== endpoint) return;
    this.#byAddress.delete(endpoint.address);
    this.#all = [...this.#byAddress.values()];
    endpoint.transport.close().catch(() => {});
  }
}

/** What ended a call is its own to explain, or the caller's object; what ended one try of it is not. */
function isNotOurs(error: ServingError, { cancellation, signal }: CallContext): boolean {
  return error === cancellation.reason && (error === signal?.reason || retryFactsOf(error).again !== "yes");
}

interface Sent {
  readonly endpoint: Endpoint;
  readonly startedAt: number;
  /** It decides whether an ejected host comes back. */
  readonly trial: boolean;
  /** It decides whether the circuit closes. */
  readonly circuitTrial: boolean;
}

const FAULTS: ReadonlySet<Outcome> = new Set(["gone", "late", "failed"]);
