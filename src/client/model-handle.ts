import type { CallOptions } from "../contract/call-options.ts";
import type { ClassifyRequest, ClassifyResponse } from "../contract/classify.ts";
import type { ExampleInput } from "../contract/example-input.ts";
import type { ModelMetadataResponse } from "../contract/model-metadata.ts";
import type { VersionChoice } from "../contract/model-spec.ts";
import type { ModelStatusResponse, ModelVersionStatus } from "../contract/model-status.ts";
import type { PredictResponse } from "../contract/predict.ts";
import type { RegressResponse } from "../contract/regress.ts";
import type { Signature } from "../contract/signature.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";

/** Which version and signature a handle stands for, and the defaults of its calls. */
export type ModelOptions = VersionChoice &
  Omit<CallOptions, "signal" | "onResponse"> & {
    /** @default "serving_default" */
    readonly signatureName?: string | undefined;
    /**
     * `load` asks the server for the signature once, on first need; `none` never asks: nothing is checked before
     * sending, plain values follow their JavaScript type, and a lone REST output is called `outputs`.
     * @default "load"
     */
    readonly signature?: "load" | "none" | undefined;
  };

/** How to ask one model: a call's options, and which outputs are wanted. */
export interface ModelPredictOptions extends CallOptions {
  /** Names of the outputs wanted; all when left out. */
  readonly outputFilter?: readonly string[] | undefined;
}

export interface WaitOptions {
  /** How long to wait in all, in milliseconds; `Infinity` waits on. @default 60_000 */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** First pause between two looks, in milliseconds; it doubles up to 16 times this. @default 100 */
  readonly pollIntervalMs?: number | undefined;
}

/** One value an input of the signature, by its name. */
export type ModelInputs = Readonly<Record<string, TensorInput>>;

/** Inputs of many predictions, one after the other. */
export type ManyInputs = Iterable<ModelInputs> | AsyncIterable<ModelInputs>;

/** How to predict many: the options of each prediction, and how they are run. */
export interface PredictManyOptions extends ModelPredictOptions {
  /**
   * Items that are read from the source and whose results are not taken yet: a whole number from 1.
   * @default twice the `maxBatchSize` where calls share requests, else 16
   */
  readonly concurrency?: number | undefined;
  /** Whether results come in the order of the items, or as they are answered. @default true */
  readonly ordered?: boolean | undefined;
  /** Called as each item is answered or has failed. What it throws ends the run. */
  readonly onProgress?: ((progress: PredictManyProgress) => void) | undefined;
  /** Ends the whole run: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a run has come, in items. */
export interface PredictManyProgress {
  readonly read: number;
  readonly done: number;
  /** Of those done. */
  readonly failed: number;
}

/** What became of one item: a response, or what its prediction rejected with. */
export type PredictManyResult =
  | { readonly index: number; readonly response: PredictResponse; readonly error?: undefined }
  | { readonly index: number; readonly response?: undefined; readonly error: unknown };

/** One model of a client: what it is asked goes to this name, version and signature. */
export interface ModelHandle {
  readonly name: string;

  /**
   * Runs the signature. Plain values take the dtype that it says; names, dtypes, rank and fixed dimensions are checked
   * against it before anything is sent. The first call of a handle asks the server for the signature, within its own
   * deadline; so does a later one when the served version has changed.
   *
   * @throws ServingError (INVALID_ARGUMENT) before anything is sent, for a wrong name, dtype, rank or fixed dimension
   */
  predict(inputs: ModelInputs, options?: ModelPredictOptions): Promise<PredictResponse>;
  /**
   * Predicts each item of a source, as many at a time as `concurrency` says, and reads on as the results are taken: of
   * any number of items only so many are in memory. An item that fails is a result with an error, and the others go on.
   * Begins when the results are asked for; leaving the loop ends what is under way.
   *
   * Each item is a call of its own, with its own timeout; with `batching` they share requests. A run that has ended is
   * resumed by handing in the items from the first index that is missing.
   *
   * @throws what the source throws, the signal's reason, and ServingError of kind `closed` when the client is closed
   * @example
   * for await (const { index, response, error } of model.predictMany(rows, { batching: true })) …
   */
  predictMany(items: ManyInputs, options?: PredictManyOptions): AsyncIterableIterator<PredictManyResult>;
  classify(
    examples: ClassifyRequest<ExampleInput>["examples"],
    options?: CallOptions & { readonly context?: ExampleInput | undefined },
  ): Promise<ClassifyResponse>;
  regress(
    examples: ClassifyRequest<ExampleInput>["examples"],
    options?: CallOptions & { readonly context?: ExampleInput | undefined },
  ): Promise<RegressResponse>;

  /** The states of its versions: of the one it names, else of all. */
  status(options?: CallOptions): Promise<ModelStatusResponse>;
  metadata(options?: CallOptions): Promise<ModelMetadataResponse>;
  /**
   * The signature of this handle, loaded once.
   *
   * @throws ServingError when the model does not have it; INVALID_ARGUMENT when the handle's `batching` cannot be right
   * for it
   */
  signature(options?: CallOptions): Promise<Signature>;
  /**
   * Whether the version it names (else any version) is AVAILABLE now. False, not an error, while nobody answers. Asks
   * once, unless `maxRetries` says otherwise.
   */
  isReady(options?: CallOptions): Promise<boolean>;
  /**
   * Waits until the version it names (else any version) is AVAILABLE; says which one is. Goes on while nobody
   * answers or the model is not known yet.
   *
   * @throws ServingError with the server's own error when loading ended in one; DEADLINE_EXCEEDED after `timeoutMs`,
   * with the last state seen
   */
  waitUntilReady(options?: WaitOptions): Promise<ModelVersionStatus>;
}
