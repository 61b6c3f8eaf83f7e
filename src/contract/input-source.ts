import type { TensorInput } from "../tensor/tensor-input.ts";
import type { Signature } from "./signature.ts";

/** Which inputs are wanted of a source. */
export interface InputsWanted {
  readonly signature: Signature;
  /** `serving_default` where the caller named none. */
  readonly signatureName: string;
  /** Which of its inputs, from 0: another number may give others, the same number gives the same ones. */
  readonly index: number;
  readonly signal: AbortSignal;
}

/** Where the inputs of test predictions come from when they are not given one by one. */
export interface InputSource {
  /** For reports: `random inputs, seed 7`; empty where there is nothing to tell. */
  readonly name: string;
  /** Whether the values mean nothing to the model: then a refusal by it says nothing about its health. */
  readonly synthetic: boolean;
  /** @throws Error that says in one line why there are none */
  inputsFor(wanted: InputsWanted): Promise<Readonly<Record<string, TensorInput>>>;
}

export function isInputSource(value: unknown): value is InputSource {
  return typeof (value as InputSource | null | undefined)?.inputsFor === "function";
}
