import type { AttemptStarted } from "../contract/call-event.ts";
import type { CallContext, Policy } from "../contract/transport.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Clock } from "../internal/clock.ts";
import { type Emitter, ofCall } from "./emitter.ts";
import { credentialHeader, headerProblem, mergeHeaders } from "./headers.ts";

/** Where an attempt is told: the clock that times it, the address that it goes to where there is only one. */
export interface AttemptObserver {
  readonly clock: Clock;
  readonly endpoint: string;
  readonly emitter: Emitter;
}

/**
 * Tells that an attempt begins and how it ended, where somebody listens to the call. Stands right above the wire, so that
 * what an instrumentation puts around it does not cover what the user's functions do.
 */
export function observeAttempt(observer: AttemptObserver): Policy {
  return (next) => (operation, request, context) => {
    if (context.events === undefined) return next(operation, request, context);
    const { attempt, events } = context;
    const startedAt = observer.clock.now();
    const event: AttemptStarted = ofCall(events.identity, { type: "attemptStarted", attempt, ...chosen(request) });
    return observer.emitter
      .beginAttempt(event, (headers) => next(operation, request, withHeaders(context, headers)))
      .then(
        (response) => {
          end(observer, context, startedAt, undefined);
          return response;
        },
        (error: unknown) => {
          end(observer, context, startedAt, { error });
          throw error;
        },
      );
  };
}

/** What a request asks for beside its model: names alone, and only those that are of the type they should be. */
function chosen(request: object): Pick<AttemptStarted, "version" | "versionLabel" | "signatureName"> {
  const { version, versionLabel, signatureName } = request as Readonly<Record<string, unknown>>;
  return {
    version: typeof version === "number" || typeof version === "bigint" ? version : undefined,
    versionLabel: typeof versionLabel === "string" ? versionLabel : undefined,
    signatureName: typeof signatureName === "string" ? signatureName : undefined,
  };
}

function withHeaders(context: CallContext, headers: Readonly<Record<string, string>> | undefined): CallContext {
  if (headers === undefined) return context;
  const fit: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (headerProblem(lower, value) === undefined && !credentialHeader({ [lower]: value })) fit[lower] = value;
  }
  return { ...context, headers: mergeHeaders(context.headers, fit) };
}

function end(
  { clock, endpoint }: AttemptObserver,
  { attempt, events, ledger, cancellation }: CallContext,
  startedAt: number,
  failure: { readonly error: unknown } | undefined,
): void {
  const noted = ledger.attempts.findLast((entry) => entry.attempt === attempt);
  const told = failure?.error instanceof ServingError ? failure.error : undefined;
  const cut = failure !== undefined && cancellation.cancelled && failure.error === cancellation.reason;
  events?.tell({
    type: "attemptEnded",
    attempt,
    endpoint: noted?.endpoint ?? told?.endpoint ?? ledger.endpoint ?? endpoint,
    code: failure === undefined ? "OK" : (told?.code ?? (cut ? "CANCELLED" : "UNKNOWN")),
    kind: told?.kind,
    httpStatus: ledger.responseStatus,
    durationMs: clock.now() - startedAt,
  });
}
