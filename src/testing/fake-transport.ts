import type { Example } from "../contract/example.ts";
import type { ModelChoice, ServedModel } from "../contract/model-spec.ts";
import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { CallContext, Transport } from "../contract/transport.ts";
import type { StatusName } from "../errors/code.ts";
import type { ErrorKind } from "../errors/kind.ts";
import { KIND_OF_CODE } from "../errors/kind-of-code.ts";
import { ServingError } from "../errors/serving-error.ts";
import { type DataOf, type DType, FIXED_WIDTH, type FixedWidthDType } from "../tensor/dtype.ts";
import { Tensor } from "../tensor/tensor.ts";
import { CallDesk } from "./call-desk.ts";
import { noteServed, type OpenCall, type RequestSummary, summarize } from "./call-log.ts";
import type { CallScope } from "./call-scope.ts";
import { toConfiguredModel } from "./configured-model.ts";
import { withContext } from "./examples.ts";
import { ConnectionReset } from "./faults.ts";
import type { AnsweredBy, RequestedModel } from "./requested-model.ts";
import { type ServerError, toServerError } from "./server-error.ts";
import type { ServingCoreOptions } from "./server-life.ts";
import { ServingCore } from "./serving-core.ts";
import { CLASSIFY_METHOD, REGRESS_METHOD, toContractSignature, toRecord } from "./signatures.ts";
import { Controls, type TestControls } from "./test-controls.ts";
import { toVersion, toVersionNumber } from "./version-number.ts";

/** Without `batching`: a client may have an option of that name and another meaning. */
export type FakeTransportOptions = Omit<ServingCoreOptions, "batching">;

/** A transport whose server is in the same process, and what a test can do to that server. */
export interface FakeTransport extends Transport {
  readonly name: "fake";
  readonly server: TestControls;
}

const ENDPOINT = "fake://models";

/**
 * Calls go to the models without sockets or messages: the checks, states, codes and texts are those of
 * `createTestServer`, in gRPC's manner. All operations are there.
 *
 * @throws TypeError for a model that is not well defined
 */
export function createFakeTransport(options: FakeTransportOptions): FakeTransport {
  const core = new ServingCore(options);
  const desk = new CallDesk();
  const started = core.start();
  // Told to the first call instead.
  started.catch(() => {});
  return {
    name: "fake",
    endpoint: ENDPOINT,
    server: new Controls(core, desk),
    async call(operation, request, context) {
      context.cancellation.throwIfCancelled();
      const startedAt = performance.now();
      const note = (code: StatusName) => {
        const durationMs = performance.now() - startedAt;
        context.ledger.attempts.push({ attempt: context.attempt, endpoint: ENDPOINT, code, durationMs });
      };
      try {
        await started;
        const response = await answer(core, desk, operation, request, context);
        note("OK");
        return response;
      } catch (thrown) {
        const isOwn = context.cancellation.cancelled;
        const error = isOwn ? context.cancellation.reason : toServingError(thrown, operation, request, context);
        note(error instanceof ServingError ? error.code : "CANCELLED");
        throw error;
      }
    },
    async close() {
      core.stop();
    },
  };
}

async function answer<O extends OperationName>(
  core: ServingCore,
  desk: CallDesk,
  operation: O,
  request: RequestOf<O>,
  context: CallContext,
): Promise<ResponseOf<O>> {
  const scope: CallScope = {
    wire: "fake",
    headers: context.headers,
    // The cancellation fires on the deadline.
    runDeadlineAt: Number.POSITIVE_INFINITY,
    cancellation: context.cancellation,
  };
  const method: Method<O> = METHODS[operation];
  const requested = toRequested(request);
  return desk.attend(operation, requested, method.summarize(request), scope, (call) =>
    method.answer({ core, scope, call, requested }, request),
  );
}

interface MethodContext {
  readonly core: ServingCore;
  readonly scope: CallScope;
  readonly call: OpenCall;
  readonly requested: RequestedModel;
}

interface Method<O extends OperationName> {
  summarize(request: RequestOf<O>): RequestSummary;
  answer(context: MethodContext, request: RequestOf<O>): Promise<ResponseOf<O>> | ResponseOf<O>;
}

const METHODS: { readonly [O in OperationName]: Method<O> } = {
  predict: {
    summarize: ({ inputs, outputFilter }) => ({
      inputs: summarize(new Map(Object.entries(inputs))),
      ...(outputFilter === undefined ? {} : { outputFilter }),
    }),
    async answer({ core, scope, call, requested }, { inputs, outputFilter = [] }) {
      const given = new Map(Object.entries(inputs));
      const { answeredBy, outputs } = await core.predict(requested, given, outputFilter, scope);
      return {
        outputs: toRecord([...outputs].map(([name, tensor]) => [name, copy(tensor)])),
        modelSpec: toServedModel(call, answeredBy),
      };
    },
  },
  classify: {
    summarize: ({ examples }) => ({ examples: examples.length }),
    async answer({ core, scope, call, requested }, request) {
      const { answeredBy, classes } = await core.classify(requested, merge(request), scope);
      return { results: classes, modelSpec: toServedModel(call, answeredBy) };
    },
  },
  regress: {
    summarize: ({ examples }) => ({ examples: examples.length }),
    async answer({ core, scope, call, requested }, request) {
      const { answeredBy, values } = await core.regress(requested, merge(request), scope);
      return { results: values, modelSpec: toServedModel(call, answeredBy) };
    },
  },
  multiInference: {
    summarize: ({ examples, tasks }) => ({
      examples: examples.length,
      tasks: tasks.map(({ signatureName, method }) => ({ signatureName, methodName: METHOD_NAMES[method] })),
    }),
    async answer({ core, scope, call, requested }, request) {
      const tasks = request.tasks.map(({ signatureName, method }) => ({
        model: { ...requested, signatureName },
        methodName: METHOD_NAMES[method],
      }));
      const answers = await core.multiInference(tasks, merge(request), scope);
      const results = answers.map((each) => {
        const { signatureName } = each.answeredBy;
        return "classes" in each
          ? { method: "classify" as const, signatureName, results: each.classes }
          : { method: "regress" as const, signatureName, results: each.values };
      });
      const first = answers[0]?.answeredBy as AnsweredBy;
      noteServed(call, first.version);
      return { results, modelSpec: { name: first.name, version: toVersion(first.version) } };
    },
  },
  getModelStatus: {
    summarize: () => ({}),
    answer({ core, requested }) {
      return { versions: core.getModelStatus(requested).map(({ number: _, ...status }) => status) };
    },
  },
  getModelMetadata: {
    summarize: () => ({}),
    answer({ core, call, requested }) {
      const version = core.getModelMetadata(requested);
      noteServed(call, version.number);
      return {
        modelSpec: { name: version.model, version: toVersion(version.number) },
        signatures: toRecord(
          [...version.signatures].map(([name, signature]) => [name, toContractSignature(signature)]),
        ),
      };
    },
  },
  reloadConfig: {
    summarize: ({ config }) => ({ models: config.models.map(({ name }) => name) }),
    async answer({ core, scope }, { config }) {
      await core.reloadConfig(config.models.map(toConfiguredModel), scope);
      return {};
    },
  },
};

const METHOD_NAMES = { classify: CLASSIFY_METHOD, regress: REGRESS_METHOD };

function toRequested(request: object): RequestedModel {
  const { model = "", version, versionLabel } = request as Partial<ModelChoice>;
  const { signatureName = "" } = request as { signatureName?: string | undefined };
  return {
    name: model,
    version: version === undefined ? undefined : toVersionNumber(version),
    versionLabel,
    signatureName,
  };
}

function merge({ examples, context }: { examples: readonly Example[]; context?: Example | undefined }) {
  return withContext(examples, context);
}

function toServedModel(call: OpenCall, { name, version, signatureName }: AnsweredBy): ServedModel {
  noteServed(call, version);
  return { name, version: toVersion(version), signatureName };
}

/** The caller owns what comes back, and a model may give back what it was given. */
function copy<D extends DType>({ dtype, shape, data }: Tensor<D>): Tensor<D> {
  if (dtype === "string") return new Tensor(dtype, shape, [...(data as readonly Uint8Array[])] as unknown as DataOf<D>);
  const fresh = new FIXED_WIDTH[dtype as FixedWidthDType].array((data as Uint8Array).length);
  (fresh as Uint8Array).set(data as Uint8Array);
  return new Tensor(dtype, shape, fresh as DataOf<D>);
}

function toServingError(
  thrown: unknown,
  operation: OperationName,
  request: object,
  { ledger }: CallContext,
): ServingError {
  const { model } = request as { model?: string };
  const about = { operation, model, endpoint: ENDPOINT, attempts: ledger.attempts };
  if (thrown instanceof ConnectionReset) {
    return new ServingError("the connection was reset", { ...about, code: "UNAVAILABLE", kind: "unavailable" });
  }
  const { code, message } = toServerError(thrown);
  const retryable = code === "ABORTED" ? true : undefined;
  return new ServingError(message, { ...about, code, kind: kindOf(code, message), retryable });
}

/** Two texts say more than their codes do. */
function kindOf(code: ServerError["code"], message: string): ErrorKind {
  if (code === "UNAVAILABLE" && message.includes("batch scheduling queue")) return "overloaded";
  if (message.startsWith("Unrecognized servable version label")) return "not_found";
  return KIND_OF_CODE[code];
}
