import type { CallContext, Policy } from "../contract/transport.ts";
import { setRetryFacts } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";
import { isHeaderValue, mergeHeaders } from "./headers.ts";

/** What an {@link AuthProvider} is asked with. */
export interface AuthRequest {
  /** Aborts when the call, or this attempt of it, ends before the function has answered. */
  readonly signal: AbortSignal;
  /** The server has just refused the last answer (UNAUTHENTICATED): one that was kept must not be given again. */
  readonly renew: boolean;
}

/**
 * Gives the `authorization` header of one attempt, scheme included: `Bearer eyJ…`. It is asked for each attempt, so it
 * can renew what ran out; keeping what is still good is its own business. When the server refuses a credential, the
 * call is tried once more with the answer to `renew: true`.
 */
export type AuthProvider = (request: AuthRequest) => string | Promise<string>;

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
    value = await provider({ signal: controller.signal, renew: context.renewAuth === true });
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
  const error = new ServingError(message, { code: "UNAUTHENTICATED", kind: "auth", cause });
  // It was the function that failed, so asking it again is its own business too.
  return setRetryFacts(error, { again: "no" });
}
