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
    return checkedAnswer(operation, await each(call, next)) as ResponseOf<O>;
  };
}

/** What the answer to each operation must have: clients read it. */
const MEMBERS: Readonly<Record<OperationName, readonly string[]>> = {
  predict: ["outputs", "modelSpec"],
  classify: ["results", "modelSpec"],
  regress: ["results", "modelSpec"],
  multiInference: ["results", "modelSpec"],
  getModelStatus: ["versions"],
  getModelMetadata: ["signatures", "modelSpec"],
  reloadConfig: [],
};

function checkedAnswer(operation: OperationName, answer: unknown): unknown {
  const refuse = (problem: string) =>
    new ServingError(`a middleware answered ${operation} ${problem}`, { code: "INTERNAL", kind: "internal" });
  if (!isObject(answer)) throw refuse(`with ${describeValue(answer)}`);
  const members = MEMBERS[operation];
  for (const name of members) {
    if (isObject(answer[name])) continue;
    throw refuse(`without ${name}: an answer to it has ${members.join(" and ")}`);
  }
  return answer;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
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
