import type { Attempt, ServingError } from "./serving-error.ts";

/** What a call knows about itself and an error from below it may not. */
export interface Circumstances {
  readonly operation: string;
  readonly model: string | undefined;
  readonly endpoint: string;
  readonly attempts: readonly Attempt[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Fills in what an error does not say of itself yet. In place: the error keeps its identity, stack and cause, and
 * what the place that raised it knew better stays.
 */
export function annotate(error: ServingError, circumstances: Circumstances): void {
  const target = error as Writable<ServingError>;
  target.operation ??= circumstances.operation;
  target.model ??= circumstances.model;
  target.endpoint ??= circumstances.endpoint;
  // Copied: the list goes on being written while an attempt that nobody waits for comes to its end.
  if (target.attempts.length === 0) target.attempts = circumstances.attempts.slice();
}

const UNEXTENDED = new WeakMap<ServingError, string>();

/** Says more at the end of an error's message, in place. The stack keeps the text it was made with. */
export function extendMessage(error: ServingError, more: string): void {
  const target = error as Writable<ServingError>;
  UNEXTENDED.set(error, ownMessage(error));
  target.rawMessage += more;
  target.message += more;
}

/** What an error said when it was made, without what was added to its end. */
export function ownMessage(error: ServingError): string {
  return UNEXTENDED.get(error) ?? error.rawMessage;
}
