import type { CallOptions } from "../contract/call-options.ts";
import type { ExampleInput } from "../contract/example-input.ts";
import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { PredictRequest } from "../contract/predict.ts";
import { DEFAULT_SIGNATURE } from "../contract/signature.ts";
import type { CallContext } from "../contract/transport.ts";
import { decodeError } from "../errors/decode-error.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import { didYouMean } from "../internal/did-you-mean.ts";
import { quote } from "../internal/quote.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";
import { batchingOf } from "./batching-settings.ts";
import { toModelChoice } from "./check-model-choice.ts";
import { toModelMetadataRequest, toModelStatusRequest } from "./control-request.ts";
import type { CallSpec, ClientCore } from "./core.ts";
import { toExamplesRequest } from "./examples-request.ts";
import { checkNoneMissing, checkOutputs, type NamedSignature, toInput } from "./match-signature.ts";
import type { ModelHandle, ModelInputs, ModelOptions, ModelPredictOptions } from "./model-handle.ts";
import { checkModelOptions, checkWaitOptions } from "./model-options.ts";
import { eachOptions, predictMany } from "./predict-many.ts";
import { toPredictRequest } from "./predict-request.ts";
import { isNotYet, judge, type Readiness } from "./readiness.ts";
import { checkSharing, sharedBy } from "./sharing.ts";
import { type LoadedSignature, SignatureCache } from "./signature-cache.ts";
import { notReadyInTime, waitUntilReady } from "./wait-until-ready.ts";

const DEFAULT_WAIT_MS = 60_000;
const DEFAULT_POLL_MS = 100;
/** Of one look while waiting: a server that hangs is asked again. */
const LOOK_TIMEOUT_MS = 5_000;

/**
 * The handle of one model: every call goes to its name, version and signature.
 *
 * @throws TypeError for a name or an option that cannot be
 */
export function createModelHandle(core: ClientCore, name: string, options: ModelOptions = {}): ModelHandle {
  checkModelOptions(name, options);
  const { version, versionLabel, signatureName, signature, ...defaults } = options;
  const choice = toModelChoice({ ...options, model: name }, "model");
  const named = signatureName === undefined ? choice : { ...choice, signatureName };
  const newCache = () => new SignatureCache(core.clock, version === undefined, loadSignature);
  const signatures = signature === "none" ? undefined : newCache();

  function spec<O extends OperationName>(operation: O, given: CallOptions | undefined): Omit<CallSpec<O>, "prepare"> {
    return { operation, model: name, options: given, defaults };
  }

  async function loadSignature(parent: Cancellation): Promise<LoadedSignature> {
    const { signatures: all, modelSpec } = await core.run({
      ...spec("getModelMetadata", undefined),
      parent,
      // Whoever waits for it tells of the failure.
      mayFail: true,
      prepare: (context) => ({ request: toModelMetadataRequest(choice), context }),
    });
    const wanted = signatureName ?? DEFAULT_SIGNATURE;
    const found = Object.hasOwn(all, wanted) ? all[wanted] : undefined;
    if (found !== undefined) return { signature: found, version: modelSpec.version };
    const names = Object.keys(all);
    const listed = names.slice(0, 20).map(quote).join(", ") || "none";
    throw invalidArgument(
      `signature ${quote(wanted)} is not in ${quote(name)} (signatures: ${listed})${didYouMean(wanted, names)}`,
    );
  }

  /** The request, checked against the signature: against a fresh one, where an old one refuses it and may be outdated. */
  async function match(
    request: PredictRequest<TensorInput>,
    cache: SignatureCache,
    { ledger, cancellation }: CallContext,
  ) {
    ledger.phase = "loading the signature";
    let loaded = await cache.get(cancellation);
    try {
      return { loaded, request: checked(request, loaded) };
    } catch (error) {
      if (!(error instanceof ServingError) || !cache.isDoubtful(loaded)) throw error;
    }
    cache.drop(loaded);
    loaded = await cache.get(cancellation);
    return { loaded, request: checked(request, loaded) };
  }

  function titled({ signature }: LoadedSignature): NamedSignature {
    return { signature, name: signatureName ?? DEFAULT_SIGNATURE, model: name };
  }

  function checked(request: PredictRequest<TensorInput>, loaded: LoadedSignature): PredictRequest {
    const against = titled(loaded);
    const ready = toPredictRequest(request, (value, input, subject) => toInput(value, input, subject, against));
    // REST has no way to leave one out: the server wants all that the signature declares.
    checkNoneMissing(ready.inputs, against, core.wire !== "rest");
    checkOutputs(ready.outputFilter, against);
    return ready;
  }

  /** `until` ends it early, besides the caller's own signal. */
  async function predict(inputs: ModelInputs, given: ModelPredictOptions | undefined, until?: Cancellation) {
    const [outputFilter, callOptions] = apart(given, "outputFilter");
    const request = { ...named, inputs, ...(outputFilter === undefined ? {} : { outputFilter }) };
    let used: LoadedSignature | undefined;
    try {
      const response = await core.run({
        ...spec("predict", callOptions),
        until,
        prepare: async (context) => {
          if (signatures === undefined) return { request: toPredictRequest(request), context };
          const ready = await match(request, signatures, context);
          used = ready.loaded;
          const isAsked = (callOptions?.batching ?? defaults.batching) !== undefined;
          return { request: ready.request, context: sharedBy(titled(used), ready.request, context, isAsked) };
        },
      });
      if (used !== undefined) signatures?.noteServed(used, response.modelSpec.version);
      return response;
    } catch (error) {
      // It fits the signature, and the server says it does not: another version may be served by now.
      if (used !== undefined && isMismatch(error) && signatures?.isDoubtful(used)) signatures.drop(used);
      throw error;
    }
  }

  const predictEach: ModelHandle["predictMany"] = (items, given = {}) => {
    const each = eachOptions(given);
    const sharing = batchingOf(each.batching, defaults.batching, core.settings.batching);
    return predictMany(items, given, {
      predict: (inputs, until) => predict(inputs, each, until),
      maxBatchSize: sharing?.maxBatchSize,
    });
  };

  async function askExamples<O extends "classify" | "regress">(
    operation: O,
    examples: readonly ExampleInput[],
    given: ExamplesOptions | undefined,
  ): Promise<ResponseOf<O>> {
    const [shared, callOptions] = apart(given, "context");
    const request = { ...named, examples, ...(shared === undefined ? {} : { context: shared }) };
    return core.run({
      ...spec(operation, callOptions),
      // Both ask the same; the compiler cannot see that through the table of operations.
      prepare: (context) => ({ request: toExamplesRequest(request, operation) as RequestOf<O>, context }),
    });
  }

  /** One look at whether the model can be used, and only one. Rejects for what no waiting will change. */
  async function look(given: CallOptions | undefined, parent: Cancellation | undefined): Promise<Readiness> {
    const common = { parent, mayFail: true } as const;
    const once: CallOptions = { maxRetries: 0, ...given };
    try {
      if (versionLabel === undefined) {
        const prepare = (context: CallContext) => ({ request: toModelStatusRequest(choice), context });
        return judge(await core.run({ ...spec("getModelStatus", once), ...common, prepare }), options);
      }
      // The server's status knows no labels; its metadata does, and answers for available versions alone.
      const prepare = (context: CallContext) => ({ request: toModelMetadataRequest(choice), context });
      const { modelSpec } = await core.run({ ...spec("getModelMetadata", once), ...common, prepare });
      if (modelSpec.version === undefined)
        throw decodeError("the server did not say which version the label stands for");
      return { kind: "ready", status: { version: modelSpec.version, state: "AVAILABLE" } };
    } catch (error) {
      if (isNotYet(error, versionLabel !== undefined))
        return { kind: "waiting", lastSeen: `[${error.code}] ${error.rawMessage}` };
      throw error;
    }
  }

  return {
    name,
    predict: (inputs, given) => predict(inputs, given),
    predictMany: predictEach,
    classify: (examples, given) => askExamples("classify", examples, given),
    regress: (examples, given) => askExamples("regress", examples, given),
    status: (given) =>
      core.run({
        ...spec("getModelStatus", given),
        prepare: (context) => ({ request: toModelStatusRequest(choice), context }),
      }),
    metadata: (given) =>
      core.run({
        ...spec("getModelMetadata", given),
        prepare: (context) => ({ request: toModelMetadataRequest(choice), context }),
      }),
    signature: async (given) => {
      const cache = signatures ?? newCache();
      const loaded = await core.waitLikeCall(spec("getModelMetadata", given), async (cancellation) =>
        cache.get(cancellation),
      );
      if (defaults.batching !== undefined && defaults.batching !== false) checkSharing(titled(loaded));
      return loaded.signature;
    },
    isReady: async (given) => (await look(given, undefined)).kind === "ready",
    waitUntilReady: async (given = {}) => {
      checkWaitOptions(given);
      const { timeoutMs = DEFAULT_WAIT_MS, signal, pollIntervalMs = DEFAULT_POLL_MS } = given;
      const { clock, settings } = core;
      const wait = {
        model: name,
        clock,
        logger: settings.logger,
        pollIntervalMs,
        lastSeen: undefined as string | undefined,
      };
      const timeoutError = () => notReadyInTime(name, timeoutMs, wait.lastSeen);
      return core.wait({ operation: "waitUntilReady", model: name, signal, timeoutMs, timeoutError }, (cancellation) =>
        waitUntilReady(wait, () => look({ timeoutMs: LOOK_TIMEOUT_MS }, cancellation), cancellation),
      );
    },
  };
}

type ExamplesOptions = CallOptions & { readonly context?: ExampleInput | undefined };

/** What the options say besides those of a call, and the rest. What is no object stays whole, to be refused. */
function apart<G extends CallOptions, K extends keyof G>(
  given: G | undefined,
  key: K,
): [taken: G[K] | undefined, rest: CallOptions | undefined] {
  if (typeof given !== "object" || given === null || !Object.hasOwn(given, key)) return [undefined, given];
  const { [key]: taken, ...rest } = given;
  return [taken, rest];
}

/** Whether the server, not this client, said that a request does not fit. */
function isMismatch(error: unknown): boolean {
  if (!(error instanceof ServingError) || error.attempts.length === 0) return false;
  return error.code === "INVALID_ARGUMENT" || error.code === "FAILED_PRECONDITION";
}
