import { type InputSource, isInputSource } from "../../contract/input-source.ts";
import type { TensorInput } from "../../tensor/tensor-input.ts";
import { isRecord, type OptionChecks } from "../option-checks.ts";
import { zeroInputs } from "./zero-inputs.ts";

/** What the option `inputs` may be. */
export type InputsOption = Readonly<Record<string, TensorInput>> | InputSource;

/** @throws TypeError for what is neither inputs by name nor a source of them */
export function readInputs(checks: OptionChecks, inputs: InputsOption | undefined): InputSource {
  if (inputs === undefined) return zeroInputs;
  if (isInputSource(inputs)) return inputs;
  if (!isRecord(inputs)) {
    throw checks.wrong("inputs", "an object of inputs by name, randomInputs() or warmUpInputs()", inputs);
  }
  return { name: "", synthetic: false, inputsFor: async () => inputs as never };
}
