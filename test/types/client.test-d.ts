// Checked by the compiler alone: `npm run typecheck`. An @ts-expect-error that expects nothing is an error itself.
import { expectTypeOf } from "vitest";
import type {
  CallOptions,
  ClassifyResponse,
  ClientOptions,
  createClient,
  InferenceResult,
  Middleware,
  ModelHandle,
  ModelOptions,
  ModelStatusResponse,
  PredictRequest,
  PredictResponse,
  RegressResponse,
  ServingClient,
  Tensor,
  TensorInput,
  Version,
  WireOptions,
} from "../../src/index.ts";

declare const client: ServingClient;
declare const model: ModelHandle;

// What is asked.
expectTypeOf<Parameters<typeof createClient>>().toEqualTypeOf<
  [address: string | readonly string[], options?: ClientOptions & WireOptions]
>();
expectTypeOf<Parameters<ServingClient["predict"]>>().toEqualTypeOf<
  [request: PredictRequest<TensorInput>, options?: CallOptions]
>();
client.predict({ model: "m", inputs: { x: [[1, 2]], n: 3n, s: "text", b: new Uint8Array(1), f: new Float32Array(1) } });
client.predict({ model: "m", version: 3n, signatureName: "s", inputs: {}, outputFilter: ["y"] }, { timeoutMs: 5 });
client.predict({ model: "m", versionLabel: "stable", inputs: {} }, { headers: { "x-tenant": null } });
client.classify({
  model: "m",
  examples: [{ age: 35n, tags: ["a", "b"], id: { int64: 1 } }],
  context: { country: "de" },
});

// A version and a label exclude each other, wherever a version can be chosen.
// @ts-expect-error
client.predict({ model: "m", version: 1, versionLabel: "stable", inputs: {} });
// @ts-expect-error
client.getModelMetadata({ model: "m", version: 1, versionLabel: "stable" });
// @ts-expect-error
client.model("m", { version: 1, versionLabel: "stable" });

// Misspelt and misplaced members.
// @ts-expect-error
client.predict({ model: "m", signature: "s", inputs: {} });
// @ts-expect-error
client.predict({ model: "m", inputs: {} }, { timeout: 5 });
// @ts-expect-error a signal belongs to one call
client.model("m", { signal: AbortSignal.abort() });
// @ts-expect-error
const withSignal: ClientOptions = { signal: AbortSignal.abort() };
const withRetry: ClientOptions = { maxRetries: 2, retry: { budget: { ratio: 0.2 } }, hedging: { delayMs: 50 } };
expectTypeOf(withSignal).toEqualTypeOf(withRetry);
// @ts-expect-error a hedge has no delay of its own choosing
const withHedging: ClientOptions = { hedging: {} };
expectTypeOf(withHedging).toEqualTypeOf(withRetry);
expectTypeOf<keyof ModelOptions>().toEqualTypeOf<
  | "version"
  | "versionLabel"
  | "signatureName"
  | "signature"
  | "timeoutMs"
  | "attemptTimeoutMs"
  | "maxRetries"
  | "idempotent"
  | "headers"
  | "format"
  | "compression"
  | "batching"
>();

// What is answered.
expectTypeOf(client.predict({ model: "m", inputs: {} })).resolves.toEqualTypeOf<PredictResponse>();
expectTypeOf<PredictResponse["outputs"]>().toEqualTypeOf<Readonly<Record<string, Tensor>>>();
expectTypeOf<PredictResponse["modelSpec"]["version"]>().toEqualTypeOf<Version | undefined>();
expectTypeOf<Version>().toEqualTypeOf<number | bigint>();
expectTypeOf<ClassifyResponse["results"][number][number]>().toEqualTypeOf<{
  readonly label: string;
  readonly score: number;
}>();
expectTypeOf<RegressResponse["results"]>().toEqualTypeOf<readonly number[]>();
expectTypeOf<Extract<InferenceResult, { method: "regress" }>["results"]>().toEqualTypeOf<readonly number[]>();
expectTypeOf<ModelStatusResponse["versions"][number]["state"]>().toEqualTypeOf<
  "UNKNOWN" | "START" | "LOADING" | "AVAILABLE" | "UNLOADING" | "END"
>();
expectTypeOf(model.predict({ x: [1] }, { outputFilter: ["y"] })).resolves.toEqualTypeOf<PredictResponse>();
expectTypeOf(model.isReady()).resolves.toEqualTypeOf<boolean>();
expectTypeOf<ServingClient>().toExtend<AsyncDisposable>();

// The operation of a middleware's call tells its request.
const middleware: Middleware = (call, next) => {
  if (call.operation === "predict") expectTypeOf(call.request.inputs).toEqualTypeOf<Readonly<Record<string, Tensor>>>();
  if (call.operation === "reloadConfig")
    expectTypeOf(call.request.config.models[0]?.name).toEqualTypeOf<string | undefined>();
  return next({ ...call, headers: { ...call.headers, "x-trace": "1" } });
};
expectTypeOf(middleware).toExtend<NonNullable<ClientOptions["middleware"]>[number]>();

/** Whether `any` stands anywhere in a type, a few members deep. */
type HasAny<T, Depth extends number[] = []> = 0 extends 1 & T
  ? true
  : Depth["length"] extends 4
    ? false
    : T extends (...given: infer A) => infer R
      ? HasAny<A, [...Depth, 0]> extends false
        ? HasAny<R, [...Depth, 0]>
        : true
      : T extends object
        ? true extends { [K in keyof T]-?: HasAny<T[K], [...Depth, 0]> }[keyof T]
          ? true
          : false
        : false;

expectTypeOf<HasAny<{ a: { b: unknown[] } }>>().toEqualTypeOf<false>();
expectTypeOf<HasAny<{ a: (given: ReturnType<typeof JSON.parse>) => void }>>().toEqualTypeOf<true>();
expectTypeOf<HasAny<ServingClient>>().toEqualTypeOf<false>();
expectTypeOf<HasAny<ModelHandle>>().toEqualTypeOf<false>();
expectTypeOf<HasAny<ClientOptions>>().toEqualTypeOf<false>();
