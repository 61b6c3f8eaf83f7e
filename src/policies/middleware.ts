import type { Middleware, MiddlewareCall, MiddlewareResponse } from "../contract/middleware.ts";
import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { Call, CallContext, Policy } from "../contract/transport.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { ServingError } from "../errors/serving-error.ts";
import { describeValue } from "../internal/describe-value.ts";
import { headerProblem, mergeHeaders, NO_HEADERS } from "./headers.ts";

/**
 * Puts the user's functions around a call, the first of the list outermost. What they throw reaches the caller as it
 * is. `next` may be called again (a try of one's own), or not at all; once the call has ended it sends nothing.
 */
export function middleware(list: readonly Middleware[], endpoint: string): Policy {
  return (next) => list.reduceRight<Call>((inner, each) => around(each, inner, endpoint), next);
}

function around(each: Middleware, inner: Call, endpoint: string): Call {
  return async <O extends OperationName>(operation: O, request: RequestOf<O>, context: CallContext) => {
    const { headers, signal } = context;
    context.ledger.phase = "in middleware";
    const call = { operation, request, headers, signal, endpoint } as MiddlewareCall;
    const next = (changed: MiddlewareCall): Promise<MiddlewareResponse> => {
      const answer = pass(inner, operation, changed, context);
      // Somebody who starts a call and does not wait for it must not bring the process down when it fails.
      answer.catch(() => {});
      return answer;
    };
    const response: unknown = await each(call, next);
    if (typeof response !== "object" || response === null) {
      throw new ServingError(`a middleware answered ${operation} with ${describeValue(response)}`, {
        code: "INTERNAL",
        kind: "internal",
      });
    }
    return response as ResponseOf<O>;
  };
}

async function pass<O extends OperationName>(
  inner: Call,
  operation: O,
  call: MiddlewareCall,
  context: CallContext,
): Promise<MiddlewareResponse> {
  context.cancellation.throwIfCancelled();
  if (call?.operation !== operation) {
    throw invalidArgument(
      `a middleware passed on ${describeValue(call?.operation)} in place of "${operation}": next takes the call it was given, or a changed copy`,
    );
  }
  const headers = call.headers === context.headers ? context.headers : checkedHeaders(call.headers);
  return inner(operation, call.request as RequestOf<O>, { ...context, headers });
}

function checkedHeaders(headers: MiddlewareCall["headers"]): CallContext["headers"] {
  for (const [name, value] of Object.entries(headers ?? {})) {
    const problem = headerProblem(name, value);
    if (problem !== undefined) throw invalidArgument(`middleware: ${problem}`);
  }
  return mergeHeaders(NO_HEADERS, headers);
}
