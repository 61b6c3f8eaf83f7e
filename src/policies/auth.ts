import type { CallContext, Policy } from "../contract/transport.ts";
import { ServingError } from "../errors/serving-error.ts";
import { isHeaderValue, mergeHeaders } from "./headers.ts";

/**
 * Gives the `authorization` header of one attempt, scheme included: `Bearer eyJ…`. It is asked for each attempt, so it
 * can renew what ran out; keeping what is still good is its own business. The signal aborts when the call ends before
 * it has answered.
 */
export type AuthProvider = (request: { readonly signal: AbortSignal }) => string | Promise<string>;

/**
 * Sets the `authorization` header, unless the call brought its own.
 *
 * @throws ServingError (UNAUTHENTICATED, kind `auth`) when the function fails or gives something that is no header value
 */
export function auth(provider: string | AuthProvider): Policy {
  return (next) => async (operation, request, context) => {
    if (context.headers["authorization"] !== undefined) return next(operation, request, context);
    const authorization = typeof provider === "string" ? provider : await ask(provider, context);
    return next(operation, request, { ...context, headers: mergeHeaders(context.headers, { authorization }) });
  };
}

async function ask(provider: AuthProvider, context: CallContext): Promise<string> {
  const controller = new AbortController();
  const release = context.cancellation.onCancel((reason) => controller.abort(reason));
  context.ledger.phase = "waiting for auth";
  let value: unknown;
  try {
    value = await provider({ signal: controller.signal });
  } catch (cause) {
    throw unauthenticated("auth: the function given failed", cause);
  } finally {
    release();
  }
  // The call may have ended meanwhile: then nothing must go out any more.
  context.cancellation.throwIfCancelled();
  if (typeof value !== "string" || value === "" || !isHeaderValue(value)) {
    throw unauthenticated("auth: the function given must return the text of an authorization header, in ASCII");
  }
  return value;
}

function unauthenticated(message: string, cause?: unknown): ServingError {
  return new ServingError(message, { code: "UNAUTHENTICATED", kind: "auth", cause });
}
