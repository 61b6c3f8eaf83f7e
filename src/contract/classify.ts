import type { Example } from "./example.ts";
import type { ServedModel, SignatureChoice } from "./model-spec.ts";

/** What `classify` asks. `E` is what an example may be: an {@link Example} on the wire's side, a plain object on the caller's. */
export type ClassifyRequest<E = Example> = SignatureChoice & {
  /** One a row, at least one. */
  readonly examples: readonly E[];
  /** Features that every example shares; a name must not stand in both. */
  readonly context?: E | undefined;
};

export interface Classification {
  /** `""` where the model gives no labels. */
  readonly label: string;
  /** 0 where the model gives no scores. */
  readonly score: number;
}

/** For each example its classes, in the server's order. */
export interface ClassifyResult {
  readonly results: readonly (readonly Classification[])[];
}

export interface ClassifyResponse extends ClassifyResult {
  readonly modelSpec: ServedModel;
}
