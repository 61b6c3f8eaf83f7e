import { invalidArgument } from "../errors/invalid-argument.ts";
import { quote } from "../internal/quote.ts";
import { nameProblem, versionChoiceProblem } from "./check-model-choice.ts";
import type { ModelOptions, PredictManyOptions, WaitOptions } from "./model-handle.ts";
import {
  manyOptionsShape,
  modelOptionsShape,
  optionsProblem,
  optionsSchema,
  waitOptionsShape,
} from "./option-schemas.ts";

/** Checks what a handle is made of. @throws TypeError naming the option: nothing has been asked of anybody yet */
export function checkModelOptions(name: unknown, options: ModelOptions): void {
  const named = nameProblem(name, "the model's name");
  if (named !== undefined) throw new TypeError(`model: ${named}`);
  const problem = optionsProblem(optionsSchema(modelOptionsShape()), options) ?? versionChoiceProblem(options);
  if (problem !== undefined) throw new TypeError(`model(${quote(name as string)}): ${problem}`);
}

/** Checks how `predictMany` shall run. @throws ServingError (INVALID_ARGUMENT) */
export function checkManyOptions(options: PredictManyOptions): void {
  const problem = optionsProblem(optionsSchema(manyOptionsShape()), options);
  if (problem !== undefined) throw invalidArgument(`predictMany: ${problem}`);
}

/** Checks how `waitUntilReady` shall wait. @throws ServingError (INVALID_ARGUMENT) */
export function checkWaitOptions(options: WaitOptions): void {
  const problem = optionsProblem(optionsSchema(waitOptionsShape()), options);
  if (problem !== undefined) throw invalidArgument(`waitUntilReady: ${problem}`);
}
