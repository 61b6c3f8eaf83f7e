import type { Classification } from "../contract/classify.ts";
import type { Example } from "../contract/example.ts";
import type { ModelVersionStatus } from "../contract/model-status.ts";
import { quote } from "../internal/quote.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { CallScope } from "./call-scope.ts";
import { checkBatchInputs, checkBatchOutputs, checkBatchSize } from "./check-batch.ts";
import { checkDirectory, checkModels } from "./check-definitions.ts";
import {
  checkClassifySignature,
  checkRegressSignature,
  checkTasks,
  findForExamples,
  type RequestedTask,
} from "./check-examples.ts";
import { checkInputs, checkOutputFilter, checkOutputs, type ReadTensors } from "./check-predict.ts";
import type { ConfiguredModel } from "./configured-model.ts";
import type { RunInfo, VersionDefinition } from "./model-definition.ts";
import type { ModelRegistry } from "./model-registry.ts";
import type { AnsweredBy, RequestedModel } from "./requested-model.ts";
import type { ServedVersion } from "./served-version.ts";
import { awaitModels, describeFailed } from "./server-config.ts";
import { invalid, ServerError, toServerError } from "./server-error.ts";
import { basePathOf, beginLife, configuredModels, type Life, type ServingCoreOptions } from "./server-life.ts";
import { CLASSIFY_METHOD, DEFAULT_SIGNATURE } from "./signatures.ts";
import { toVersion } from "./version-number.ts";
import { pause, settleBefore } from "./waiting.ts";

export type InferenceAnswer =
  | { readonly answeredBy: AnsweredBy; readonly classes: readonly (readonly Classification[])[] }
  | { readonly answeredBy: AnsweredBy; readonly values: readonly number[] };

/** The state of a version, and its number however large. */
export type KnownVersion = ModelVersionStatus & { readonly number: bigint };

/** Told after each run of a model, for the metrics. */
export type RunListener = (run: { model: string; api: "Predict" | "Classify" | "Regress"; durationMs: number }) => void;

/** Told when a run begins under batching rules: its rows, and how long it had waited. */
export type BatchListener = (batch: { rows: number; queuedMs: number }) => void;

/**
 * What the server does whatever the wire: finds the model, checks the request in the server's order, runs it, and
 * fails with the server's codes and texts (as {@link ServerError}).
 *
 * @see tensorflow_serving/servables/tensorflow/predict_util.cc, classifier.cc, regressor.cc, multi_inference.cc
 */
export class ServingCore {
  readonly #options: ServingCoreOptions;
  #life: Life;
  onRun: RunListener | undefined;
  onBatch: BatchListener | undefined;

  /** @throws TypeError when a model has no versions, or one of them is not well defined */
  constructor(options: ServingCoreOptions) {
    checkModels(options.models);
    for (const [path, versions] of Object.entries(options.storage ?? {})) checkDirectory(versions, quote(path));
    this.#options = options;
    this.#life = beginLife(options);
  }

  get registry(): ModelRegistry {
    return this.#life.registry;
  }

  /**
   * Loads every model of the options, as the server does before it opens a port.
   *
   * @throws Error when a model ends without a version that is available: the real server would exit
   */
  async start(): Promise<void> {
    const { registry, ending } = this.#life;
    const models = configuredModels(this.#options);
    const names = models.map(({ name }) => name);
    const arrived = awaitModels(registry, names, ending);
    registry.watch(models);
    const failed = (await arrived).filter((version) => version.state !== "AVAILABLE");
    if (failed.length > 0) throw new Error(describeFailed(failed));
  }

  /** Forgets what was reloaded, added, removed or set by hand, and starts again. */
  async restart(): Promise<void> {
    this.stop();
    this.#life = beginLife(this.#options);
    await this.start();
  }

  /** Ends what waits for models to load. */
  stop(): void {
    this.#life.ending.cancel(new ServerError("UNAVAILABLE", "the test server was closed"));
  }

  /** Puts a version on the disk: of a model's base path, or of any base path, which is made where it is missing. */
  addVersion(modelOrPath: string, version: bigint, definition: VersionDefinition): void {
    this.#life.storage.add(this.#pathOf(modelOrPath), version, definition);
    this.#life.registry.poll();
  }

  /** Takes a version off the disk. */
  removeVersion(modelOrPath: string, version: bigint): boolean {
    const removed = this.#life.storage.remove(this.#pathOf(modelOrPath), version);
    this.#life.registry.poll();
    return removed;
  }

  #pathOf(modelOrPath: string): string {
    if (modelOrPath.startsWith("/") || modelOrPath.includes("://")) return modelOrPath;
    return this.#life.registry.watched.find(({ name }) => name === modelOrPath)?.basePath ?? basePathOf(modelOrPath);
  }

  /** The version that a request goes to. */
  find(requested: RequestedModel): ServedVersion {
    if (requested.name === "") throw invalid("ModelSpec has no name specified.");
    const version =
      requested.versionLabel === undefined
        ? requested.version
        : this.#life.config.versionOf(requested.name, requested.versionLabel);
    return this.#life.registry.find(requested.name, version);
  }

  /**
   * Runs a predict signature.
   *
   * @param outputFilter names of the outputs wanted; all where it is empty
   */
  async predict(
    requested: RequestedModel,
    inputs: ReadTensors,
    outputFilter: readonly string[],
    scope: CallScope,
  ): Promise<{ readonly answeredBy: AnsweredBy; readonly outputs: ReadonlyMap<string, Tensor> }> {
    const version = this.find(requested);
    const signatureName = requested.signatureName || DEFAULT_SIGNATURE;
    const signature = version.signatures.get(signatureName);
    if (signature === undefined) {
      throw new ServerError("FAILED_PRECONDITION", `Serving signature key "${signatureName}" not found.`);
    }
    const tensors = checkInputs(signature, inputs);
    const wanted = checkOutputFilter(signature, outputFilter);
    const { batching } = this.#options;
    const rows = batching && checkBatchInputs(Object.values(tensors), batching);
    const outputs = await this.#run(version, signatureName, "Predict", scope, rows ?? 0, (info) => {
      if (version.definition?.predict) return version.definition.predict(tensors, info);
      throw new ServerError("UNIMPLEMENTED", `test model "${version.model}" has no predict function`);
    });
    const checked = checkOutputs(signature, outputs, wanted);
    if (rows !== undefined) checkBatchOutputs(checked.values(), rows);
    return { answeredBy: answer(version, signatureName), outputs: checked };
  }

  async classify(
    requested: RequestedModel,
    examples: readonly Example[],
    scope: CallScope,
  ): Promise<{ readonly answeredBy: AnsweredBy; readonly classes: readonly (readonly Classification[])[] }> {
    const version = this.find(requested);
    const signatureName = requested.signatureName || DEFAULT_SIGNATURE;
    checkClassifySignature(findForExamples(version, signatureName));
    return this.#classify(version, signatureName, this.#checkExamples(examples), scope);
  }

  async regress(
    requested: RequestedModel,
    examples: readonly Example[],
    scope: CallScope,
  ): Promise<{ readonly answeredBy: AnsweredBy; readonly values: readonly number[] }> {
    const version = this.find(requested);
    const signatureName = requested.signatureName || DEFAULT_SIGNATURE;
    checkRegressSignature(findForExamples(version, signatureName));
    return this.#regress(version, signatureName, this.#checkExamples(examples), scope);
  }

  /** Runs several signatures on the same examples. The first task picks the version for all of them. */
  async multiInference(
    tasks: readonly RequestedTask[],
    examples: readonly Example[],
    scope: CallScope,
  ): Promise<readonly InferenceAnswer[]> {
    const first = tasks[0];
    if (first === undefined) throw invalid("ModelSpec has no name specified.");
    const version = this.find(first.model);
    checkTasks(version, tasks);
    this.#checkExamples(examples);
    const answers: InferenceAnswer[] = [];
    for (const { model, methodName } of tasks) {
      const signatureName = model.signatureName || DEFAULT_SIGNATURE;
      answers.push(
        methodName === CLASSIFY_METHOD
          ? await this.#classify(version, signatureName, examples, scope)
          : await this.#regress(version, signatureName, examples, scope),
      );
    }
    return answers;
  }

  /** The states of one version, or of all that were ever known. A label is ignored, as the server does. */
  getModelStatus(requested: RequestedModel): readonly KnownVersion[] {
    const { name, version } = requested;
    const all = this.#life.registry.list(name);
    const versions = version === undefined ? all : all.filter(({ number }) => number === version);
    if (versions.length === 0) {
      throw new ServerError(
        "NOT_FOUND",
        version === undefined
          ? `Could not find any versions of model ${name}`
          : `Could not find version ${version} of model ${name}`,
      );
    }
    return versions.map(({ number, state, error }) => ({
      number,
      version: toVersion(number),
      state,
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    }));
  }

  getModelMetadata(requested: RequestedModel): ServedVersion {
    return this.find(requested);
  }

  /** Replaces the configuration. A caller that leaves ends only its own waiting. */
  reloadConfig(models: readonly ConfiguredModel[], scope: CallScope): Promise<void> {
    const reloading = this.#life.config.reload(models, this.#life.ending);
    return settleBefore(reloading, Number.POSITIVE_INFINITY, scope.cancellation);
  }

  #checkExamples(examples: readonly Example[]): readonly Example[] {
    if (examples.length === 0) throw invalid("Input is empty.");
    if (this.#options.batching) checkBatchSize(examples.length, this.#options.batching);
    return examples;
  }

  async #classify(version: ServedVersion, signatureName: string, examples: readonly Example[], scope: CallScope) {
    const classes = await this.#run(version, signatureName, "Classify", scope, examples.length, (info) => {
      if (version.definition?.classify) return version.definition.classify(examples, info);
      throw new ServerError("UNIMPLEMENTED", `test model "${version.model}" has no classify function`);
    });
    if (classes.length !== examples.length) {
      throw invalid(`Expected classes output batch size of ${examples.length}. Got: ${classes.length}`);
    }
    const asFloats = classes.map((each) => each.map(({ label, score }) => ({ label, score: Math.fround(score) })));
    return { answeredBy: answer(version, signatureName), classes: asFloats };
  }

  async #regress(version: ServedVersion, signatureName: string, examples: readonly Example[], scope: CallScope) {
    const values = await this.#run(version, signatureName, "Regress", scope, examples.length, (info) => {
      if (version.definition?.regress) return version.definition.regress(examples, info);
      throw new ServerError("UNIMPLEMENTED", `test model "${version.model}" has no regress function`);
    });
    if (values.length !== examples.length) {
      throw invalid(`Input batch size did not match output batch size: ${examples.length} vs. ${values.length}`);
    }
    return { answeredBy: answer(version, signatureName), values: values.map(Math.fround) };
  }

  async #run<T>(
    version: ServedVersion,
    signatureName: string,
    api: "Predict" | "Classify" | "Regress",
    scope: CallScope,
    rows: number,
    work: (info: RunInfo) => T | Promise<T>,
  ): Promise<T> {
    const release = version.hold();
    const startedAt = performance.now();
    const info: RunInfo = {
      model: version.model,
      version: toVersion(version.number),
      signatureName,
      wire: scope.wire,
      headers: scope.headers,
    };
    const latencyMs = this.#options.models[version.model]?.latencyMs ?? 0;
    const running = (async () => {
      if (this.#options.batching) this.onBatch?.({ rows, queuedMs: performance.now() - startedAt });
      if (latencyMs > 0) await pause(latencyMs, scope.cancellation);
      return work(info);
    })();
    // A run that nobody waits for any more goes on, and holds the version, until it is done.
    running.finally(release).catch(() => {});
    try {
      const result = await settleBefore(running, scope.runDeadlineAt, scope.cancellation);
      this.onRun?.({ model: version.model, api, durationMs: performance.now() - startedAt });
      return result;
    } catch (thrown) {
      throw scope.cancellation.cancelled ? thrown : toServerError(thrown);
    }
  }
}

function answer(version: ServedVersion, signatureName: string): AnsweredBy {
  return { name: version.model, version: version.number, signatureName };
}
