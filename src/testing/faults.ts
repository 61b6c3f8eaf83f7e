import type { OperationName } from "../contract/operations.ts";
import type { Code } from "../errors/code.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import type { Wire } from "./model-definition.ts";
import { ServerError } from "./server-error.ts";
import { hang, pause } from "./waiting.ts";

/** Which calls a fault meets. What is left out matches everything. */
export interface FaultTarget {
  readonly operation?: OperationName | undefined;
  readonly wire?: Wire | undefined;
  readonly model?: string | undefined;
  /** How often it strikes before it is used up. @default until it is removed */
  readonly times?: number | undefined;
  /** Waits this long first, in milliseconds. A fault with nothing else only delays: the call then goes its way. */
  readonly delayMs?: number | undefined;
}

/** A status, as the server itself would answer it: gRPC status, or HTTP status and `{"error": …}`. */
export interface StatusFault extends FaultTarget {
  readonly code: Code;
  /** @default "" */
  readonly message?: string | undefined;
}

/** The connection ends without an answer: a TCP reset, which takes every other call on that connection with it. */
export interface ResetFault extends FaultTarget {
  readonly reset: true;
}

/** No answer at all, until the client gives up or the server is closed. */
export interface HangFault extends FaultTarget {
  readonly hang: true;
}

/** A reply such as a proxy in front would make. REST alone: gRPC calls are left alone. */
export interface HttpFault extends FaultTarget {
  readonly status: number;
  /** @default "" */
  readonly body?: string | Uint8Array | undefined;
  /** @default none but `content-length` */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * How many bytes of the body are sent before the connection is reset, though `content-length` promises them all.
   * @default all, and no reset
   */
  readonly cutAfterBytes?: number | undefined;
}

/** A delay and nothing else. */
export interface DelayFault extends FaultTarget {
  readonly delayMs: number;
}

export type Fault = StatusFault | ResetFault | HangFault | HttpFault | DelayFault;

/** A fault that was put in: what it did so far, and the way to take it out. */
export interface InjectedFault {
  /** How many calls it has struck. */
  readonly strikes: number;
  remove(): void;
}

/** Thrown through the answering of a call: end the connection. */
export class ConnectionReset extends Error {
  override readonly name = "ConnectionReset";
}

/** Thrown through the answering of a REST call: send exactly this. */
export class ReplyInstead extends Error {
  override readonly name = "ReplyInstead";
  readonly reply: HttpFault;

  constructor(reply: HttpFault) {
    super(`replaced by HTTP ${reply.status}`);
    this.reply = reply;
  }
}

interface ArmedFault {
  readonly fault: Fault;
  left: number;
  strikes: number;
}

/** The faults put in and not yet used up, in the order they were put in. The first that matches a call strikes. */
export class Faults {
  readonly #armed = new Set<ArmedFault>();

  inject(fault: Fault): InjectedFault {
    const armed: ArmedFault = { fault, left: fault.times ?? Number.POSITIVE_INFINITY, strikes: 0 };
    this.#armed.add(armed);
    return {
      get strikes() {
        return armed.strikes;
      },
      remove: () => {
        this.#armed.delete(armed);
      },
    };
  }

  clear(): void {
    this.#armed.clear();
  }

  /** Lets the call pass, late or in time; or throws what shall happen to it instead. */
  async strike(
    call: { readonly operation: OperationName | undefined; readonly wire: Wire; readonly model: string },
    cancellation: Cancellation,
  ): Promise<void> {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (!matches(fault, call)) continue;
      armed.strikes++;
      armed.left--;
      if (armed.left <= 0) this.#armed.delete(armed);
      if (fault.delayMs !== undefined) await pause(fault.delayMs, cancellation);
      if ("code" in fault) throw new ServerError(fault.code, fault.message ?? "");
      if ("reset" in fault) throw new ConnectionReset();
      if ("status" in fault) throw new ReplyInstead(fault);
      if ("hang" in fault) await hang(cancellation);
      return;
    }
  }
}

function matches(
  fault: Fault,
  call: { readonly operation: OperationName | undefined; readonly wire: Wire; readonly model: string },
): boolean {
  if ("status" in fault && call.wire !== "rest") return false;
  return (
    (fault.operation === undefined || fault.operation === call.operation) &&
    (fault.wire === undefined || fault.wire === call.wire) &&
    (fault.model === undefined || fault.model === call.model)
  );
}
