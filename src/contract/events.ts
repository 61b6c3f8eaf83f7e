import type { Code } from "../errors/code.ts";
import type { ErrorKind } from "../errors/kind.ts";

/** Which failure led to an event: never its text, which may repeat what was sent. */
export interface EventFault {
  readonly code: Code;
  readonly kind: ErrorKind;
}

/** What happened to a server of a client, outside any one call. */
export type EndpointEvent =
  | {
      /** It gets no calls for a while. */
      readonly type: "endpointEjected";
      readonly endpoint: string;
      /** Faults in a row, too few answers in 10 s, or a trial that failed. */
      readonly reason: "faults" | "successRate" | "trial";
      readonly forMs: number;
      readonly lastFault: EventFault | undefined;
    }
  /** One call tries it again. */
  | { readonly type: "endpointProbation"; readonly endpoint: string }
  /** It answered: back in use. */
  | { readonly type: "endpointRestored"; readonly endpoint: string }
  /** The addresses of a name have changed. */
  | {
      readonly type: "addressesChanged";
      readonly host: string;
      readonly added: readonly string[];
      readonly removed: readonly string[];
    }
  /** A name could not be looked up, or stood for nothing: the addresses in use stay as they are. */
  | { readonly type: "lookupFailed"; readonly host: string; readonly kept: number }
  /** Calls ran out of time without a byte from it: it gets a new connection. */
  | { readonly type: "connectionReplaced"; readonly endpoint: string; readonly timeouts: number }
  | {
      /** Calls to it reject at once. */
      readonly type: "circuitOpened";
      readonly endpoint: string;
      readonly forMs: number;
      readonly lastFault: EventFault | undefined;
    }
  /** One call is let through. */
  | { readonly type: "circuitHalfOpened"; readonly endpoint: string }
  | { readonly type: "circuitClosed"; readonly endpoint: string };

/** Takes events as they happen. What it throws is dropped: it cannot fail a call. */
export type EmitEvent = (event: EndpointEvent) => void;
