import type { CallContext } from "../../../src/contract/transport.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";

/** The context of a call without options. */
export function newContext(changes: Partial<CallContext> = {}): CallContext {
  return {
    deadlineAt: Number.POSITIVE_INFINITY,
    cancellation: new Cancellation(),
    headers: Object.create(null),
    format: "columnar",
    compression: "none",
    attempt: 1,
    avoid: new Set(),
    idempotent: true,
    ledger: {
      attempts: [],
      responseHeaders: undefined,
      responseTrailers: undefined,
      requestBytes: undefined,
      responseBytes: undefined,
    },
    ...changes,
  };
}
