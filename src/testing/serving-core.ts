import type { Classification } from "../contract/classify.ts";
import type { Example } from "../contract/example.ts";
import type { ModelVersionStatus } from "../contract/model-status.ts";
import type { ModelConfig } from "../contract/reload-config.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import { isDType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ModelDefinition, OutputValue, RunInfo, VersionDirectory, Wire } from "./model-definition.ts";
import { ModelRegistry } from "./model-registry.ts";
import { ModelStorage } from "./model-storage.ts";
import type { ServedVersion } from "./served-version.ts";
import { awaitModels, type ConfiguredModel, describeFailed, ServerConfig } from "./server-config.ts";
import { toServerDType } from "./server-dtype.ts";
import { invalid, ServerError, toServerError } from "./server-error.ts";
import { CLASSIFY_METHOD, DEFAULT_SIGNATURE, type LoadedSignature, REGRESS_METHOD, toRecord } from "./signatures.ts";
import { toTensor } from "./to-tensor.ts";
import { toVersion, toVersionNumber } from "./version-number.ts";
import { pause, settleBefore } from "./waiting.ts";

/** Which model, version and signature a request names. */
export interface RequestedModel {
  readonly name: string;
  readonly version: bigint | undefined;
  readonly versionLabel: string | undefined;
  /** `""` for the default one. */
  readonly signatureName: string;
}

/** What surrounds the answering of one call. */
export interface CallScope {
  readonly wire: Wire;
  readonly headers: Readonly<Record<string, string>>;
  /** When a model run is given up, on `performance.now()`'s time; `Infinity` for never. */
  readonly runDeadlineAt: number;
  /** Fires when nobody waits for the answer any more. */
  readonly cancellation: Cancellation;
}

/** What answered, in full: a label has become a version, an empty signature name the default one. */
export interface AnsweredBy {
  readonly name: string;
  readonly version: bigint;
  readonly signatureName: string;
}

/** Tensors of a predict by name; `undefined` stands for one that could not be read. */
export type ReadTensors = ReadonlyMap<string, Tensor | undefined>;

/** One task of a multi-inference, method as the request writes it. */
export interface RequestedTask {
  readonly model: RequestedModel;
  readonly methodName: string;
}

export type InferenceAnswer =
  | { readonly answeredBy: AnsweredBy; readonly classes: readonly (readonly Classification[])[] }
  | { readonly answeredBy: AnsweredBy; readonly values: readonly number[] };

/** Told after each run of a model, for the metrics. */
export type RunListener = (run: { model: string; api: "Predict" | "Classify" | "Regress"; durationMs: number }) => void;

export interface ServingCoreOptions {
  readonly models: Readonly<Record<string, ModelDefinition>>;
  /** Base paths that the server does not know at the start; a reload may name them. */
  readonly storage?: Readonly<Record<string, VersionDirectory>> | undefined;
  /** Lets a label that is not in use yet point to a version that is not loaded. @default false */
  readonly allowVersionLabelsForUnavailableModels?: boolean | undefined;
}

/**
 * What the server does whatever the wire: finds the model, checks the request in the server's order, runs it, and
 * fails with the server's codes and texts (as {@link ServerError}).
 *
 * @see tensorflow_serving/servables/tensorflow/predict_util.cc, classifier.cc, regressor.cc, multi_inference.cc
 */
export class ServingCore {
  readonly #options: ServingCoreOptions;
  #storage: ModelStorage;
  #registry: ModelRegistry;
  #config: ServerConfig;
  onRun: RunListener | undefined;

  constructor(options: ServingCoreOptions) {
    this.#options = options;
    ({ storage: this.#storage, registry: this.#registry, config: this.#config } = prepare(options));
  }

  get registry(): ModelRegistry {
    return this.#registry;
  }

  /**
   * Loads every model of the options, as the server does before it opens a port.
   *
   * @throws Error when a model has no version, or ends without one that is available: the server would exit
   */
  async start(cancellation: Cancellation): Promise<void> {
    const models = Object.entries(this.#options.models);
    for (const [name, model] of models) {
      if (Object.keys(model.versions).length === 0) throw new TypeError(`model "${name}" has no versions`);
    }
    const arrived = awaitModels(
      this.#registry,
      models.map(([name]) => name),
      cancellation,
    );
    this.#registry.watch(models.map(([name, model]) => configured(name, model)));
    const failed = (await arrived).filter((version) => version.state !== "AVAILABLE");
    if (failed.length > 0) throw new Error(describeFailed(failed));
  }

  /** Forgets what was reloaded, added, removed or set by hand, and starts again. */
  async restart(cancellation: Cancellation): Promise<void> {
    ({ storage: this.#storage, registry: this.#registry, config: this.#config } = prepare(this.#options));
    await this.start(cancellation);
  }

  /** Puts a version on the disk: of a model's base path, or of any base path, which is made where it is missing. */
  addVersion(modelOrPath: string, version: bigint, definition: VersionDirectory[string]): void {
    this.#storage.add(this.#pathOf(modelOrPath), version, definition);
    this.#registry.poll();
  }

  /** Takes a version off the disk. */
  removeVersion(modelOrPath: string, version: bigint): boolean {
    const removed = this.#storage.remove(this.#pathOf(modelOrPath), version);
    this.#registry.poll();
    return removed;
  }

  #pathOf(modelOrPath: string): string {
    if (modelOrPath.startsWith("/") || modelOrPath.includes("://")) return modelOrPath;
    return this.#registry.watched.find(({ name }) => name === modelOrPath)?.basePath ?? basePathOf(modelOrPath);
  }

  /** The version that a request goes to. */
  find(requested: RequestedModel): ServedVersion {
    if (requested.name === "") throw invalid("ModelSpec has no name specified.");
    const version =
      requested.versionLabel === undefined
        ? requested.version
        : this.#config.versionOf(requested.name, requested.versionLabel);
    return this.#registry.find(requested.name, version);
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
    const outputs = await this.#run(version, signatureName, "Predict", scope, (info) => {
      if (version.definition?.predict) return version.definition.predict(tensors, info);
      throw new ServerError("UNIMPLEMENTED", `test model "${version.model}" has no predict function`);
    });
    return { answeredBy: answer(version, signatureName), outputs: checkOutputs(signature, outputs, wanted) };
  }

  async classify(
    requested: RequestedModel,
    examples: readonly Example[],
    scope: CallScope,
  ): Promise<{ readonly answeredBy: AnsweredBy; readonly classes: readonly (readonly Classification[])[] }> {
    const version = this.find(requested);
    const signatureName = requested.signatureName || DEFAULT_SIGNATURE;
    checkClassifySignature(findForExamples(version, signatureName));
    return this.#classify(version, signatureName, checkExamples(examples), scope);
  }

  async regress(
    requested: RequestedModel,
    examples: readonly Example[],
    scope: CallScope,
  ): Promise<{ readonly answeredBy: AnsweredBy; readonly values: readonly number[] }> {
    const version = this.find(requested);
    const signatureName = requested.signatureName || DEFAULT_SIGNATURE;
    checkRegressSignature(findForExamples(version, signatureName));
    return this.#regress(version, signatureName, checkExamples(examples), scope);
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
    checkExamples(examples);
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
  getModelStatus(requested: RequestedModel): readonly (ModelVersionStatus & { readonly number: bigint })[] {
    const { name, version } = requested;
    const all = this.#registry.list(name);
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

  reloadConfig(models: readonly ConfiguredModel[], scope: CallScope): Promise<void> {
    return this.#config.reload(models, scope.cancellation);
  }

  async #classify(version: ServedVersion, signatureName: string, examples: readonly Example[], scope: CallScope) {
    const classes = await this.#run(version, signatureName, "Classify", scope, (info) => {
      if (version.definition?.classify) return version.definition.classify(examples, info);
      throw new ServerError("UNIMPLEMENTED", `test model "${version.model}" has no classify function`);
    });
    if (classes.length !== examples.length) {
      throw invalid(`Expected classes output batch size of ${examples.length}. Got: ${classes.length}`);
    }
    return { answeredBy: answer(version, signatureName), classes };
  }

  async #regress(version: ServedVersion, signatureName: string, examples: readonly Example[], scope: CallScope) {
    const values = await this.#run(version, signatureName, "Regress", scope, (info) => {
      if (version.definition?.regress) return version.definition.regress(examples, info);
      throw new ServerError("UNIMPLEMENTED", `test model "${version.model}" has no regress function`);
    });
    if (values.length !== examples.length) {
      throw invalid(`Input batch size did not match output batch size: ${examples.length} vs. ${values.length}`);
    }
    return { answeredBy: answer(version, signatureName), values };
  }

  async #run<T>(
    version: ServedVersion,
    signatureName: string,
    api: "Predict" | "Classify" | "Regress",
    scope: CallScope,
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
      if (latencyMs > 0) await pause(latencyMs, scope.cancellation);
      return work(info);
    })();
    // A run that nobody waits for any more goes on, and holds the version, until it is done.
    running.finally(release).catch(() => {});
    try {
      const result = await settleBefore(
        running,
        scope.runDeadlineAt,
        scope.cancellation,
        () => new ServerError("DEADLINE_EXCEEDED", "Timed out waiting for notification"),
      );
      this.onRun?.({ model: version.model, api, durationMs: performance.now() - startedAt });
      return result;
    } catch (thrown) {
      throw scope.cancellation.cancelled ? thrown : toServerError(thrown);
    }
  }
}

function prepare(options: ServingCoreOptions) {
  const models = Object.entries(options.models);
  const storage = new ModelStorage({
    ...options.storage,
    ...Object.fromEntries(models.map(([name, model]) => [basePathOf(name), model.versions])),
  });
  const registry = new ModelRegistry(storage);
  const stored = models.map(([name, model]) => configured(name, model));
  const config = new ServerConfig(registry, stored, options.allowVersionLabelsForUnavailableModels ?? false);
  return { storage, registry, config };
}

function basePathOf(model: string): string {
  return `/models/${model}`;
}

function configured(name: string, model: ModelDefinition): ConfiguredModel {
  return toConfiguredModel({
    name,
    basePath: basePathOf(name),
    versionPolicy: model.versionPolicy,
    versionLabels: model.labels,
  });
}

/** A model of the contract's configuration as the server keeps it; a platform left out is `tensorflow`. */
export function toConfiguredModel(model: ModelConfig): ConfiguredModel {
  return {
    name: model.name,
    basePath: model.basePath,
    platform: model.platform ?? "tensorflow",
    policy: model.versionPolicy ?? { latest: 1 },
    labels: new Map(Object.entries(model.versionLabels ?? {}).map(([label, to]) => [label, toVersionNumber(to)])),
    hasLoggingConfig: false,
  };
}

function answer(version: ServedVersion, signatureName: string): AnsweredBy {
  return { name: version.model, version: version.number, signatureName };
}

function checkInputs(signature: LoadedSignature, inputs: ReadTensors): Readonly<Record<string, Tensor>> {
  const given = inputs.size;
  const declared = signature.inputs.size;
  if (given > declared || (given < declared && signature.defaults.size === 0)) {
    throw invalid(describeWrongCount(signature, inputs));
  }
  const tensors: [string, Tensor][] = [];
  let index = 0;
  for (const [name, spec] of signature.inputs) {
    const tensor = inputs.has(name) ? inputs.get(name) : signature.defaults.get(name);
    if (tensor === undefined) {
      throw invalid(
        inputs.has(name)
          ? `tensor parsing error: ${name}`
          : `Signature input ${name} not found in request and no default value provided. Inputs expected to be in the set {${sortedNames(signature.inputs)}}.`,
      );
    }
    if (tensor.dtype !== spec.dtype) {
      throw invalid(
        `Expects arg[${index}] to be ${toServerDType(spec.dtype)} but ${toServerDType(tensor.dtype)} is provided`,
      );
    }
    tensors.push([name, tensor]);
    index++;
  }
  for (const name of inputs.keys()) {
    if (!signature.inputs.has(name)) throw invalid(`Request contains input with invalid name: ${name}`);
  }
  return toRecord(tensors);
}

function describeWrongCount(signature: LoadedSignature, inputs: ReadTensors): string {
  const extra = [...inputs.keys()].filter((name) => !signature.inputs.has(name)).sort();
  const missing = [...signature.inputs.keys()].filter((name) => !inputs.has(name)).sort();
  return (
    `input size does not match signature: ${inputs.size}!=${signature.inputs.size} ` +
    `len({${sortedNames(inputs)}}) != len({${sortedNames(signature.inputs)}}). ` +
    `Sent extra: {${extra}}. Missing but required: {${missing}}.`
  );
}

function sortedNames(map: ReadonlyMap<string, unknown>): string {
  return [...map.keys()].sort().join(",");
}

function checkOutputFilter(signature: LoadedSignature, outputFilter: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  for (const name of outputFilter) {
    if (!signature.outputs.has(name)) {
      throw invalid(
        `output tensor alias not found in signature: ${name} Outputs expected to be in the set {${sortedNames(signature.outputs)}}.`,
      );
    }
    if (seen.has(name)) throw invalid(`duplicate output tensor alias: ${name}`);
    seen.add(name);
  }
  return seen.size === 0 ? [...signature.outputs.keys()] : [...seen];
}

/** A model function that does not keep its signature is a mistake in the test's own set-up: the text says where. */
function checkOutputs(
  signature: LoadedSignature,
  outputs: Readonly<Record<string, OutputValue>>,
  wanted: readonly string[],
): ReadonlyMap<string, Tensor> {
  for (const name of Object.keys(outputs)) {
    if (!signature.outputs.has(name)) {
      throw new ServerError("INTERNAL", `the model returned "${name}", which is not an output of its signature`);
    }
  }
  return new Map(
    wanted.map((name) => {
      const value = outputs[name];
      const dtype = signature.outputs.get(name)?.dtype;
      if (value === undefined) throw new ServerError("INTERNAL", `the model returned no output "${name}"`);
      if (!isDType(dtype)) throw new ServerError("INTERNAL", `output "${name}": no tensor can hold dtype ${dtype}`);
      try {
        return [name, toTensor(value, dtype)];
      } catch (thrown) {
        throw new ServerError("INTERNAL", `output "${name}": ${toServerError(thrown).message}`);
      }
    }),
  );
}

function checkExamples(examples: readonly Example[]): readonly Example[] {
  if (examples.length === 0) throw invalid("Input is empty.");
  return examples;
}

function findForExamples(version: ServedVersion, signatureName: string): LoadedSignature {
  const signature = version.signatures.get(signatureName);
  if (signature === undefined) throw invalid(`No signature was found with the name: ${signatureName}`);
  return signature;
}

function checkClassifySignature({ inputs, outputs }: LoadedSignature): void {
  if (inputs.size !== 1) throw invalid("Expected one input Tensor.");
  if (outputs.size !== 1 && outputs.size !== 2) {
    throw invalid(`Expected one or two output Tensors, found ${outputs.size}`);
  }
  if (!inputs.has("inputs")) throw invalid("No classification inputs found in SignatureDef");
  if (!outputs.has("classes") && !outputs.has("scores")) {
    throw invalid('Expected classification signature outputs to contain at least one of "classes" or "scores".');
  }
}

function checkRegressSignature({ inputs, outputs }: LoadedSignature): void {
  if (inputs.size !== 1) throw invalid("Expected one input Tensor.");
  if (outputs.size !== 1) throw invalid("Expected one output Tensor.");
  if (!inputs.has("inputs")) throw invalid("No regression inputs found in SignatureDef");
  if (!outputs.has("outputs")) throw invalid("No regression outputs found in SignatureDef");
}

function checkTasks(version: ServedVersion, tasks: readonly RequestedTask[]): void {
  const seen = new Set<string>();
  let modelName = "";
  let inputTensor = "";
  for (const { model, methodName } of tasks) {
    if (model.name === "") throw invalid("Found ModelSpec with an empty model name.");
    modelName ||= model.name;
    if (model.name !== modelName) {
      throw invalid("All ModelSpecs in a MultiInferenceRequest must access the same model name.");
    }
    const signatureName = model.signatureName || DEFAULT_SIGNATURE;
    if (seen.has(signatureName)) throw invalid(`Duplicate evaluation of signature: ${signatureName}`);
    seen.add(signatureName);
    const signature = version.signatures.get(signatureName);
    if (signature === undefined) throw invalid(`Requested signature not found in model graph: ${signatureName}`);
    if (methodName === CLASSIFY_METHOD) checkClassifySignature(signature);
    else if (methodName === REGRESS_METHOD) checkRegressSignature(signature);
    else throw new ServerError("UNIMPLEMENTED", `Unsupported signature method_name: ${methodName}`);
    const tensorName = signature.inputs.get("inputs")?.tensorName ?? "";
    inputTensor ||= tensorName;
    if (tensorName !== inputTensor) throw invalid("Input tensor must be the same for all Signatures.");
  }
}
