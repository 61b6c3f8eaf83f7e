import type { EmitEvent } from "../contract/events.ts";
import type { Endpoint } from "./endpoint.ts";
import type { BalancingSettings } from "./settings.ts";

/** Between two trials of a host, however much it is needed. */
const LEAST_OUT_MS = 1_000;

const LEAST_CALLS = 10;
const LEAST_SUCCESS = 0.8;
/** A host that does as badly as the others is not the one to take out: what is asked of them may be the reason. */
const WORSE_BY = 0.2;

/**
 * Takes hosts out of use that fail where others answer, and lets them back in by a trial call. It never takes out
 * more than its share, and nobody while all fail: then all are used.
 */
export class Ejection {
  readonly #settings: BalancingSettings;
  readonly #emit: EmitEvent;

  constructor(settings: BalancingSettings, emit: EmitEvent) {
    this.#settings = settings;
    this.#emit = emit;
  }

  /** The host has just failed: takes it out where that is due. */
  judge(endpoint: Endpoint, all: readonly Endpoint[], now: number): void {
    if (endpoint.state !== "active" || endpoint.draining) return;
    const reason = this.#reason(endpoint, all, now);
    if (reason === undefined) return;
    if (this.#mayEject(all)) this.#eject(endpoint, reason, now);
    else this.#hurryTrial(all, now);
  }

  /** Whether every host in use fails, so that those left out are no worse. */
  isPanic(all: readonly Endpoint[]): boolean {
    return all.every((each) => each.draining || each.state !== "active" || this.#isFailing(each));
  }

  /** Whether an ejected host may be tried now. */
  isTrialDue(endpoint: Endpoint, now: number): boolean {
    return endpoint.state === "ejected" && now >= endpoint.retryAt;
  }

  beginTrial(endpoint: Endpoint): void {
    endpoint.state = "probation";
    this.#emit({ type: "endpointProbation", endpoint: endpoint.address });
  }

  endTrial(endpoint: Endpoint, verdict: "answered" | "failed" | "undecided", now: number): void {
    if (verdict === "failed") {
      this.#eject(endpoint, "trial", now);
    } else if (verdict === "undecided") {
      endpoint.state = "ejected";
      endpoint.retryAt = now;
    } else {
      endpoint.state = "active";
      endpoint.recent.clear();
      endpoint.ejections.succeeded(now);
      this.#emit({ type: "endpointRestored", endpoint: endpoint.address });
    }
  }

  /** There is one too many to leave out: perhaps one that is out has recovered, as in a restart of one after the other. */
  #hurryTrial(all: readonly Endpoint[], now: number): void {
    const out = all.filter(
      (each) => each.state === "ejected" && !each.draining && now - each.ejectedAt >= LEAST_OUT_MS,
    );
    const [first] = out.sort((a, b) => a.ejectedAt - b.ejectedAt);
    if (first !== undefined) first.retryAt = Math.min(first.retryAt, now);
  }

  #eject(endpoint: Endpoint, reason: "faults" | "successRate" | "trial", now: number): void {
    const forMs = endpoint.ejections.next(now);
    endpoint.state = "ejected";
    endpoint.ejectedAt = now;
    endpoint.retryAt = now + forMs;
    const { address, eventFault } = endpoint;
    this.#emit({ type: "endpointEjected", endpoint: address, reason, forMs, lastFault: eventFault });
  }

  #isFailing({ goneInARow }: Endpoint): boolean {
    return goneInARow >= this.#settings.ejectAfterFaults;
  }

  #reason(endpoint: Endpoint, all: readonly Endpoint[], now: number): "faults" | "successRate" | undefined {
    const others = all.filter((each) => each !== endpoint && each.state === "active" && !each.draining);
    if (this.#isFailing(endpoint) && others.some((each) => each.faultsInARow === 0)) return "faults";
    if (this.#settings.ejectAfterFaults === Number.POSITIVE_INFINITY) return undefined;
    const { calls, faults } = endpoint.recent.read(now);
    if (calls < LEAST_CALLS || 1 - faults / calls >= LEAST_SUCCESS) return undefined;
    let [theirCalls, theirFaults] = [0, 0];
    for (const { recent } of others) {
      const read = recent.read(now);
      theirCalls += read.calls;
      theirFaults += read.faults;
    }
    return theirCalls > 0 && faults / calls - theirFaults / theirCalls >= WORSE_BY ? "successRate" : undefined;
  }

  #mayEject(all: readonly Endpoint[]): boolean {
    const hosts = all.filter((each) => !each.draining);
    const out = hosts.filter((each) => each.state !== "active").length;
    return out + 1 <= Math.floor((hosts.length * this.#settings.maxEjectedPercent) / 100) && out + 1 < hosts.length;
  }
}
