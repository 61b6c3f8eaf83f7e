import type { AttemptStarted, CallStarted } from "./call-event.ts";
import type { ClientEvent } from "./client-event.ts";

/**
 * Watches calls from inside: unlike `onEvent` it can have them run in a context of its own, such as an active span, and
 * send headers with each attempt.
 *
 * Whatever it throws is dropped; a call that it does not let begin begins without it.
 */
export interface Instrumentation {
  /** Told of every event, as it happens. */
  onEvent?(event: ClientEvent): void;
  /** Calls `begin` once and at once: what the call does from then on has the context of that moment. */
  aroundCall?(call: CallStarted, begin: () => void): void;
  /**
   * The same for one attempt. The headers go over those of the call, on either wire. Left out are names that the client
   * writes itself, names that carry credentials, and values that cannot travel.
   */
  aroundAttempt?(attempt: AttemptStarted, begin: (headers?: Readonly<Record<string, string>>) => void): void;
}
