import { sharingProblem } from "../batching/check-signature.ts";
import type { PredictRequest } from "../contract/predict.ts";
import type { Signature } from "../contract/signature.ts";
import type { CallContext } from "../contract/transport.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { quote } from "../internal/quote.ts";
import type { NamedSignature } from "./match-signature.ts";

const problems = new WeakMap<Signature, string | undefined>();

/**
 * Checks that calls of a signature can share requests.
 *
 * @throws ServingError (INVALID_ARGUMENT) saying what stands against it
 */
export function checkSharing(named: NamedSignature): void {
  const problem = problemOf(named.signature);
  if (problem === undefined) return;
  throw invalidArgument(
    `option "batching": calls of signature ${quote(named.name)} of ${quote(named.model)} cannot share requests: ${problem}`,
  );
}

/**
 * The context of a predict that has its signature: without batching where the signature, or what is left out for the
 * server to fill in, does not allow it. `isAsked` says that batching is meant for this model and not for any: then it is
 * refused in place of being left out.
 *
 * @throws ServingError (INVALID_ARGUMENT) saying what stands against it
 */
export function sharedBy(
  named: NamedSignature,
  request: PredictRequest,
  context: CallContext,
  isAsked: boolean,
): CallContext {
  const { signature } = named;
  if (context.batching === undefined) return { ...context, signature };
  if (isAsked) checkSharing(named);
  // A default of the server's has rows of its own, and they would not grow with a batch.
  const isWhole = Object.keys(request.inputs).length === Object.keys(signature.inputs).length;
  if (isWhole && problemOf(signature) === undefined) return { ...context, signature };
  return { ...context, signature, batching: undefined };
}

function problemOf(signature: Signature): string | undefined {
  if (!problems.has(signature)) problems.set(signature, sharingProblem(signature));
  return problems.get(signature);
}
