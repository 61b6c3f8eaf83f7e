import { describe, expect, it } from "vitest";
import type { Example, Feature } from "../../../src/contract/example.ts";
import { classify } from "../../../src/rest/classify.ts";
import type { CodecContext } from "../../../src/rest/codec.ts";
import { regress } from "../../../src/rest/regress.ts";
import { failure } from "./fixture.ts";

const CONTEXT: CodecContext = { format: "columnar", signature: undefined, maxMessageBytes: 1 << 20 };

function example(features: Record<string, Feature>): Example {
  return { features: new Map(Object.entries(features)) };
}

const float = (...values: number[]): Feature => ({ kind: "float", values: Float32Array.from(values) });
const int64 = (...values: bigint[]): Feature => ({ kind: "int64", values: BigInt64Array.from(values) });
const bytes = (...values: Uint8Array[]): Feature => ({ kind: "bytes", values });

describe("encodeExamples", () => {
  it("writes floats with a point, so that the server takes them for floats", () => {
    const { path, body } = classify.encode(
      { model: "m", examples: [example({ a: float(8, 0.5, -0, 1e30) })] },
      CONTEXT,
    );
    expect(path).toBe("/models/m:classify");
    expect(body!.toString()).toBe('{"examples":[{"a":[8.0,0.5,-0.0,1e+30]}]}');
  });

  it("writes int64 as digits, text as text and other bytes as base64", () => {
    const { path, body } = regress.encode(
      {
        model: "m",
        versionLabel: "stable",
        signatureName: "s",
        context: example({ shared: int64(2n ** 63n - 1n) }),
        examples: [
          example({ t: bytes(new TextEncoder().encode("é")), r: bytes(Uint8Array.of(255)), n: { kind: "none" } }),
        ],
      },
      CONTEXT,
    );
    expect(path).toBe("/models/m/labels/stable:regress");
    expect(body!.toString()).toBe(
      '{"signature_name":"s","context":{"shared":[9223372036854775807]},"examples":[{"t":["é"],"r":[{"b64":"/w=="}],"n":[]}]}',
    );
  });

  it("refuses a feature that stands in the context and in an example", async () => {
    const request = {
      model: "m",
      context: example({ a: float(1) }),
      examples: [example({}), example({ a: float(2) })],
    };
    expect((await failure(() => classify.encode(request, CONTEXT))).rawMessage).toBe(
      'feature "a" stands in the context and in example 1, one is allowed',
    );
  });

  it("refuses no examples", async () => {
    const error = await failure(() => regress.encode({ model: "m", examples: [] }, CONTEXT));
    expect(error.rawMessage).toBe("regress: no examples were given, at least one is needed");
  });
});

describe("classify.decode", () => {
  const decode = (json: string) =>
    classify.decode({ body: Buffer.from(json), endedByClose: false }, { model: "m", examples: [] }, CONTEXT);

  it("gives labels and the float32 scores that gRPC gives", () => {
    expect(decode('{"results": [[["a", 0.1], ["", 0.0]], []]}')).toEqual({
      results: [
        [
          { label: "a", score: Math.fround(0.1) },
          { label: "", score: 0 },
        ],
        [],
      ],
      modelSpec: { name: "m" },
    });
  });

  it.each([
    ['{"results":[[["a"]]]}', "a class of 1 values, expected a label and a score"],
    ['{"results":[[["a",1.0,2.0]]]}', "a class of more than a label and a score"],
    ['{"results":[[[1,"a"]]]}', "expected a string, found a number"],
    ['{"result":[]}', 'the key "result", expected "results"'],
    ["{}", 'expected "results", found an empty object'],
  ])("refuses %s", async (json, problem) => {
    expect((await failure(() => decode(json))).rawMessage).toContain(problem);
  });
});

describe("regress.decode", () => {
  const decode = (json: string) =>
    regress.decode({ body: Buffer.from(json), endedByClose: false }, { model: "m", version: 2, examples: [] }, CONTEXT);

  it("gives the float32 values that gRPC gives, not finite ones too", () => {
    expect(decode('{"results": [0.7, Infinity]}')).toEqual({
      results: [Math.fround(0.7), Number.POSITIVE_INFINITY],
      modelSpec: { name: "m", version: 2 },
    });
  });
});
