import type { CallContext, Policy } from "../contract/transport.ts";
import { ownMessage } from "../errors/annotate.ts";
import { ServingError } from "../errors/serving-error.ts";
import { promiseOf } from "../internal/promise-of.ts";

/**
 * Stands right above a wire: whatever that throws or rejects with becomes a rejection with a ServingError or with the
 * reason of the cancellation. Anything else would be a mistake in the wire; its text may hold a payload, so it is
 * kept as the cause only.
 *
 * It writes down what each try failed with: here all tries pass, hedges and those that ran out of their own time too.
 */
export function guardTransport(name: string): Policy {
  return (next) => (operation, request, context) => {
    const { cancellation, ledger } = context;
    if (cancellation.cancelled) return Promise.reject(cancellation.reason);
    ledger.phase = "waiting for the server";
    const fail = (error: unknown): never => {
      if (error instanceof ServingError) {
        note(error, context);
        throw error;
      }
      if (cancellation.cancelled && error === cancellation.reason) throw error;
      throw new ServingError(`the ${name} transport failed in an unexpected way`, {
        code: "INTERNAL",
        kind: "internal",
        cause: error,
      });
    };
    return promiseOf(() => next(operation, request, context)).catch(fail);
  };
}

function note(error: ServingError, { attempt, ledger }: CallContext): void {
  const noted = ledger.attempts.findLast((entry) => entry.attempt === attempt);
  const endpoint = noted?.endpoint ?? error.endpoint ?? ledger.endpoint;
  ledger.faults ??= [];
  ledger.faults.push({ endpoint, code: error.code, message: ownMessage(error) });
}
