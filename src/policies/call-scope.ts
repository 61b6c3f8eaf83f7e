import type { CallOptions } from "../contract/call-options.ts";
import type { OperationName } from "../contract/operations.ts";
import type { CallContext } from "../contract/transport.ts";

/** A call from its first moment, before its request is ready: what is known of it then. */
export interface CallScope {
  readonly operation: OperationName;
  readonly model: string | undefined;
  readonly context: CallContext;
  /** As it was asked for: a deadline's text names it. */
  readonly timeoutMs: number;
  readonly onResponse: CallOptions["onResponse"];
  /** Whether failing is one of the expected outcomes, as for a look at a server that is starting. */
  readonly mayFail: boolean;
}
