import type { Code } from "../errors/code.ts";
import type { ErrorKind } from "../errors/kind.ts";

/** One server that a client sends calls to, as it stands now. */
export interface EndpointState {
  /** Without user-info: `grpc://10.0.0.5:8500`. The same text that errors and attempts name. */
  readonly address: string;
  /**
   * - `active`: gets calls
   * - `ejected`: gets none, for faults of its own
   * - `probation`: one call tries whether it answers again
   * - `draining`: not in the list of addresses any more; ends its last calls
   */
  readonly state: "active" | "ejected" | "probation" | "draining";
  /** Recent latency of answered calls in milliseconds, their geometric mean; undefined before the first answer and where there is one address only. */
  readonly ewmaMs: number | undefined;
  /** Calls under way. */
  readonly outstanding: number;
  /** Its own faults since its last answer. */
  readonly faultsInARow: number;
  /** When it is tried again, in milliseconds from now: while it is ejected or its circuit is open. */
  readonly retryInMs: number | undefined;
  readonly lastFault: EndpointFault | undefined;
  /** Only with the option `circuitBreaker`. */
  readonly circuit: "closed" | "open" | "half-open" | undefined;
}

/** What a host did last that was its own fault. */
export interface EndpointFault {
  readonly code: Code;
  readonly kind: ErrorKind;
  /** At most 200 characters of the error's text. */
  readonly message: string;
  readonly agoMs: number;
}
