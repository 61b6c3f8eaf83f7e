import type { Example } from "./example.ts";
import type { ServedModel, SignatureChoice } from "./model-spec.ts";

/** What `regress` asks; the same form as `classify`. */
export type RegressRequest<E = Example> = SignatureChoice & {
  /** One a row, at least one. */
  readonly examples: readonly E[];
  /** Features that every example shares; a name must not stand in both. */
  readonly context?: E | undefined;
};

/** One value an example. */
export interface RegressResult {
  readonly results: readonly number[];
}

export interface RegressResponse extends RegressResult {
  readonly modelSpec: ServedModel;
}
