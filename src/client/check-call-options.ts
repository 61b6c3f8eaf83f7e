import type { CallOptions } from "../contract/call-options.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { callOptionsShape, type OptionsSchema, optionsProblem, optionsSchema } from "./option-schemas.ts";

let schema: OptionsSchema | undefined;

/**
 * Checks the options of one call.
 *
 * @throws ServingError (INVALID_ARGUMENT) naming the option: by then the call has begun, and calls reject
 */
export function checkCallOptions(options: CallOptions | undefined, operation: string): void {
  if (options === undefined) return;
  schema ??= optionsSchema(callOptionsShape());
  const problem = optionsProblem(schema, options);
  if (problem !== undefined) throw invalidArgument(`${operation}: ${problem}`);
}

/**
 * Checks what `connect` is given.
 *
 * @throws ServingError (INVALID_ARGUMENT) naming the option
 */
export function checkConnectOptions(options: unknown): void {
  const { timeoutMs, signal } = callOptionsShape();
  const problem = optionsProblem(optionsSchema({ timeoutMs: timeoutMs!, signal: signal! }), options);
  if (problem !== undefined) throw invalidArgument(`connect: ${problem}`);
}
