import type { EndpointState } from "../contract/endpoint-state.ts";
import type { EventFault } from "../contract/events.ts";
import type { Target } from "../contract/target.ts";
import type { Transport } from "../contract/transport.ts";
import { ServingError } from "../errors/serving-error.ts";
import { AbsentModels } from "./absent-models.ts";
import type { TrialBackOff } from "./back-off.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import { Load } from "./load.ts";
import { OutcomeWindow } from "./outcome-window.ts";

const WINDOW_MS = 10_000;
const MESSAGE_LENGTH = 200;

interface Fault extends EventFault {
  readonly message: string;
  readonly at: number;
}

/** One replica: the way to it, and all that is known of it. Decisions are made elsewhere. */
export class Endpoint {
  readonly address: string;
  readonly transport: Transport;
  readonly breaker: CircuitBreaker | undefined;
  readonly ejections: TrialBackOff;
  readonly load = new Load();
  readonly recent = new OutcomeWindow(WINDOW_MS);
  readonly absent = new AbsentModels();
  state: "active" | "ejected" | "probation" = "active";
  ejectedAt = 0;
  /** When an ejected one is tried again. */
  retryAt = 0;
  draining = false;
  /** Faults of any kind since it last answered well or was asked for something wrong. */
  faultsInARow = 0;
  /** Of those, the ones without an answer. */
  goneInARow = 0;
  lastFault: Fault | undefined;

  constructor(target: Target, parts: Pick<Endpoint, "transport" | "breaker" | "ejections">) {
    this.address = target.endpoint;
    this.transport = parts.transport;
    this.breaker = parts.breaker;
    this.ejections = parts.ejections;
  }

  /** It works. */
  answered(now: number): void {
    this.faultsInARow = 0;
    this.goneInARow = 0;
    this.recent.add(now, false);
    this.load.works(now);
  }

  /** A fault of its own; `silent` where it did not even answer. */
  failed(now: number, error: unknown, silent: boolean): void {
    this.faultsInARow++;
    this.goneInARow = silent ? this.goneInARow + 1 : 0;
    this.recent.add(now, true);
    this.load.fault(now);
    if (!silent) this.load.sign(now);
    if (error instanceof ServingError) {
      const { code, kind, rawMessage } = error;
      this.lastFault = { code, kind, message: rawMessage.slice(0, MESSAGE_LENGTH), at: now };
    }
  }

  /** The last fault as events tell it. */
  get eventFault(): EventFault | undefined {
    return this.lastFault && { code: this.lastFault.code, kind: this.lastFault.kind };
  }

  describe(now: number): EndpointState {
    const { lastFault, breaker } = this;
    const waits = [
      ...(this.state === "ejected" ? [Math.max(0, this.retryAt - now)] : []),
      ...(breaker?.state === "open" ? [breaker.retryInMs(now)] : []),
    ];
    return {
      address: this.address,
      state: this.draining ? "draining" : this.state,
      ewmaMs: this.load.latency.known ? this.load.latency.read(now) : undefined,
      outstanding: this.load.outstanding,
      faultsInARow: this.faultsInARow,
      retryInMs: waits.length === 0 ? undefined : Math.max(...waits),
      lastFault: lastFault && {
        code: lastFault.code,
        kind: lastFault.kind,
        message: lastFault.message,
        agoMs: now - lastFault.at,
      },
      circuit: breaker?.state,
    };
  }
}
