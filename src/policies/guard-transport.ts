import type { CallContext, Policy } from "../contract/transport.ts";
import { ownMessage } from "../errors/annotate.ts";
import { ServingError } from "../errors/serving-error.ts";

/**
 * Stands right above a wire: whatever that throws or rejects with becomes a rejection with a ServingError or with the
 * reason of the cancellation. Anything else would be a mistake in the wire; its text may hold a payload, so it is
 * kept as the cause only.
 *
 * It writes down what each try failed with: here all tries pass, hedges and those that ran out of their own time too.
 */
export function guardTransport(name: string): Policy {
  return (next) => async (operation, request, context) => {
    context.cancellation.throwIfCancelled();
    context.ledger.phase = "waiting for the server";
    try {
      return await next(operation, request, context);
    } catch (error) {
      if (error instanceof ServingError) {
        note(error, context);
        throw error;
      }
      if (context.cancellation.cancelled && error === context.cancellation.reason) throw error;
      throw new ServingError(`the ${name} transport failed in an unexpected way`, {
        code: "INTERNAL",
        kind: "internal",
        cause: error,
      });
    }
  };
}

function note(error: ServingError, { attempt, ledger }: CallContext): void {
  const noted = ledger.attempts.findLast((entry) => entry.attempt === attempt);
  const endpoint = noted?.endpoint ?? error.endpoint ?? ledger.endpoint;
  ledger.faults ??= [];
  ledger.faults.push({ endpoint, code: error.code, message: ownMessage(error) });
}
