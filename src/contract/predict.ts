import type { Tensor } from "../tensor/tensor.ts";
import type { ServedModel, SignatureChoice } from "./model-spec.ts";

/** What `predict` asks. `I` is what an input may be: a {@link Tensor} on the wire's side, plain values on the caller's. */
export type PredictRequest<I = Tensor> = SignatureChoice & {
  /** One value an input of the signature, by its name. */
  readonly inputs: Readonly<Record<string, I>>;
  /** Names of the outputs wanted; all when left out or empty. On REST the rest is dropped after decoding. */
  readonly outputFilter?: readonly string[] | undefined;
};

export interface PredictResponse {
  /** By output name; no prototype. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly modelSpec: ServedModel;
}
