import { describe, expect, it } from "vitest";
import type { Example as WireExample } from "#generated/tensorflow/core/example/example.ts";
import { ClassificationRequest, ClassificationResponse } from "#generated/tensorflow_serving/apis/classification.ts";
import { MultiInferenceRequest, MultiInferenceResponse } from "#generated/tensorflow_serving/apis/inference.ts";
import { RegressionRequest, RegressionResponse } from "#generated/tensorflow_serving/apis/regression.ts";
import type { ClassifyRequest } from "../../src/contract/classify.ts";
import type { Example, Feature } from "../../src/contract/example.ts";
import type { MultiInferenceRequest as ContractMultiInference } from "../../src/contract/multi-inference.ts";
import { ServingError } from "../../src/errors/serving-error.ts";
import { classifyCodec } from "../../src/grpc/classify.ts";
import { multiInferenceCodec } from "../../src/grpc/multi-inference.ts";
import { regressCodec } from "../../src/grpc/regress.ts";
import fc from "./fast-check.ts";
import { bytesField, message, shuffled } from "./grpc-wire-bytes.ts";

const LIMITS = { maxMessageBytes: 1 << 20 };
const name = fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }), fc.constantFrom("__proto__", "age"));

const features: fc.Arbitrary<Feature> = fc.oneof(
  fc.constant({ kind: "none" } as const),
  fc.float32Array({ maxLength: 20 }).map((values) => ({ kind: "float", values }) as const),
  fc.bigInt64Array({ maxLength: 20 }).map((values) => ({ kind: "int64", values }) as const),
  fc.bigInt64Array({ maxLength: 20, min: -2n, max: 300n }).map((values) => ({ kind: "int64", values }) as const),
  fc
    .array(fc.uint8Array({ maxLength: 300, size: "max" }), { maxLength: 5 })
    .map((values) => ({ kind: "bytes", values }) as const),
);

const examples: fc.Arbitrary<Example> = fc
  .array(fc.tuple(name, features), { maxLength: 5 })
  .map((entries) => ({ features: new Map(entries.map(([key, value]) => [Buffer.from(key).toString(), value])) }));

const requests: fc.Arbitrary<ClassifyRequest> = fc.record({
  model: fc.constant("m"),
  version: fc.constantFrom(undefined, 0, 7, 2 ** 40),
  signatureName: fc.constantFrom(undefined, "classify"),
  examples: fc.array(examples, { minLength: 1, maxLength: 4 }),
  context: fc.option(examples, { nil: undefined }),
});

function plain(example: WireExample | undefined): unknown {
  return [...(example?.features?.feature ?? [])].map(([key, { kind }]) => {
    if (kind === undefined) return [key, { kind: "none" }];
    if (kind.$case === "bytesList")
      return [key, { kind: "bytes", values: kind.value.value.map((b) => Buffer.from(b)) }];
    if (kind.$case === "floatList") return [key, { kind: "float", values: Float32Array.from(kind.value.value) }];
    return [key, { kind: "int64", values: BigInt64Array.from(kind.value.value) }];
  });
}

function expected(example: Example): unknown {
  return [...example.features].map(([key, feature]) => [
    key,
    feature.kind === "bytes" ? { ...feature, values: feature.values.map((bytes) => Buffer.from(bytes)) } : feature,
  ]);
}

describe("classifyCodec", () => {
  it("writes examples that the generated code reads, and in the same bytes", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const bytes = classifyCodec.encode(request) as Buffer;
        const read = ClassificationRequest.decode(bytes);
        const kind = read.input?.kind;
        expect(kind?.$case).toBe(request.context === undefined ? "exampleList" : "exampleListWithContext");
        expect(kind?.value.examples.map(plain)).toEqual(request.examples.map(expected));
        if (kind?.$case === "exampleListWithContext") {
          expect(plain(kind.value.context)).toEqual(expected(request.context as Example));
        }
        // An empty name may be written or left out.
        fc.pre([...request.examples, request.context].every((example) => example?.features.has("") !== true));
        expect(Buffer.from(ClassificationRequest.encode(read).finish())).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it("reads what the generated code writes, in any order and with unknown fields", () => {
    const classes = fc.array(
      fc.record({
        label: fc.string({ unit: "grapheme" }),
        score: fc.float({ noNaN: true }).map((score) => Math.fround(score) || 0),
      }),
      { maxLength: 4 },
    );
    const replies = fc.array(classes, { minLength: 1, maxLength: 4 }).chain((results) => {
      const whole = ClassificationResponse.encode({
        result: { classifications: results.map((each) => ({ classes: each })) },
        modelSpec: undefined,
      }).finish();
      const spec = bytesField(2, message(bytesField(1, Buffer.from("m")), bytesField(2, Uint8Array.of(8, 3))));
      return shuffled([whole, spec]).map((bytes) => ({ results, bytes }));
    });
    fc.assert(
      fc.property(replies, ({ results, bytes }) => {
        const request = { model: "m", examples: results.map(() => ({ features: new Map() })) };
        const read = classifyCodec.decode(Buffer.from(bytes), request, LIMITS);
        const texts = results.map((each) =>
          each.map(({ label, score }) => ({ label: Buffer.from(label).toString(), score })),
        );
        expect(read).toEqual({ results: texts, modelSpec: { name: "m", version: 3 } });
      }),
      { numRuns: 200 },
    );
  });

  it("ends in an answer or a decode error, whatever the bytes", () => {
    const request = { model: "m", examples: [{ features: new Map() }] };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const codec of [classifyCodec, regressCodec]) {
          try {
            codec.decode(Buffer.from(bytes), request, LIMITS);
          } catch (error) {
            if (!(error instanceof ServingError)) throw error;
            expect(error.kind).toBe("decode");
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("regressCodec", () => {
  it("writes and reads what the generated code does", () => {
    fc.assert(
      fc.property(
        requests,
        fc.float32Array({ noNaN: true, minLength: 4, maxLength: 4 }).map((values) => values.map((value) => value || 0)),
        (request, values) => {
          const bytes = regressCodec.encode(request) as Buffer;
          const read = RegressionRequest.decode(bytes);
          expect(read.input?.kind?.value.examples.map(plain)).toEqual(request.examples.map(expected));
          const results = Array.from(values.subarray(0, request.examples.length));
          const reply = RegressionResponse.encode({
            result: { regressions: results.map((value) => ({ value })) },
            modelSpec: { name: "m", versionChoice: { $case: "version", value: 0n }, signatureName: "r" },
          }).finish();
          expect(regressCodec.decode(Buffer.from(reply), request, LIMITS)).toEqual({
            results,
            modelSpec: { name: "m", version: 0, signatureName: "r" },
          });
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("multiInferenceCodec", () => {
  it("writes one task a question, and reads the results in the order of the tasks", () => {
    const tasks = fc.uniqueArray(
      fc.record({
        signatureName: fc.string({ minLength: 1, maxLength: 10 }),
        method: fc.constantFrom("classify", "regress"),
      }),
      { minLength: 1, maxLength: 4, selector: (task) => Buffer.from(task.signatureName).toString() },
    );
    fc.assert(
      fc.property(tasks, fc.array(examples, { minLength: 1, maxLength: 3 }), (asked, list) => {
        const request = { model: "m", version: 5, tasks: asked, examples: list } as ContractMultiInference;
        const read = MultiInferenceRequest.decode(multiInferenceCodec.encode(request) as Buffer);
        expect(read.tasks).toEqual(
          asked.map(({ signatureName, method }) => ({
            modelSpec: {
              name: "m",
              versionChoice: { $case: "version", value: 5n },
              signatureName: Buffer.from(signatureName).toString(),
            },
            methodName: `tensorflow/serving/${method}`,
          })),
        );
        expect(read.input?.kind?.value.examples.map(plain)).toEqual(list.map(expected));
        const reply = MultiInferenceResponse.encode({
          results: read.tasks.map(({ modelSpec, methodName }) => ({
            modelSpec,
            result: methodName.endsWith("regress")
              ? { $case: "regressionResult", value: { regressions: list.map((_, index) => ({ value: index })) } }
              : {
                  $case: "classificationResult",
                  value: { classifications: list.map(() => ({ classes: [{ label: "a", score: 1 }] })) },
                },
          })),
        }).finish();
        const { results, modelSpec } = multiInferenceCodec.decode(Buffer.from(reply), request, LIMITS);
        expect(modelSpec).toEqual({ name: "m", version: 5 });
        expect(results).toEqual(
          asked.map(({ signatureName, method }) => ({
            method,
            signatureName,
            results: list.map((_, index) => (method === "regress" ? index : [{ label: "a", score: 1 }])),
          })),
        );
      }),
      { numRuns: 100 },
    );
  });
});
