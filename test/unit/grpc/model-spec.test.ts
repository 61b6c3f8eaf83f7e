import { describe, expect, it } from "vitest";
import { ModelSpec } from "#generated/tensorflow_serving/apis/model.ts";
import { PredictResponse } from "#generated/tensorflow_serving/apis/predict.ts";
import type { SignatureChoice } from "../../../src/contract/model-spec.ts";
import { fromModelSpec, OutgoingModelSpec, toModelSpec } from "../../../src/grpc/model-spec.ts";
import { PredictCodec } from "../../../src/grpc/predict.ts";
import { bytesField, message } from "../../property/grpc-wire-bytes.ts";

const predictCodec = new PredictCodec();

function write(choice: SignatureChoice): ModelSpec {
  const spec = new OutgoingModelSpec(choice);
  const bytes = Buffer.alloc(spec.size);
  expect(spec.write(bytes, 0)).toBe(spec.size);
  return ModelSpec.decode(bytes);
}

describe("OutgoingModelSpec", () => {
  it("says version 0 as a version, and no version as nothing", () => {
    expect(write({ model: "m", version: 0 }).versionChoice).toEqual({ $case: "version", value: 0n });
    expect(write({ model: "m" }).versionChoice).toBeUndefined();
  });

  it("takes versions up to 2^63-1, as number or bigint", () => {
    for (const version of [1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, 2n ** 63n - 1n, 7n]) {
      expect(write({ model: "m", version }).versionChoice).toEqual({ $case: "version", value: BigInt(version) });
    }
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53, 2n ** 63n, -1n])("refuses version %s", (version) => {
    const error = expect.objectContaining({
      code: "INVALID_ARGUMENT",
      rawMessage: `version: expected a whole number from 0 to 2^63-1, got ${version}`,
    });
    expect(() => new OutgoingModelSpec({ model: "m", version })).toThrow(error as never);
    expect(() => toModelSpec({ model: "m", version })).toThrow(error as never);
  });

  it("refuses a version and a label together", () => {
    expect(() => new OutgoingModelSpec({ model: "m", version: 1, versionLabel: "a" } as never)).toThrow(
      "version and versionLabel exclude each other: give one of them",
    );
  });

  it("knows a choice that says the same", () => {
    const spec = new OutgoingModelSpec({ model: "m", version: 1, signatureName: "s" });
    expect(spec.says({ model: "m", version: 1, signatureName: "s" })).toBe(true);
    expect(spec.says({ model: "n", version: 1, signatureName: "s" })).toBe(false);
    expect(spec.says({ model: "m", version: 2, signatureName: "s" })).toBe(false);
    expect(spec.says({ model: "m", signatureName: "s" })).toBe(false);
    expect(spec.says({ model: "m", versionLabel: "1", signatureName: "s" })).toBe(false);
    expect(spec.says({ model: "m", version: 1 })).toBe(false);
    expect(new OutgoingModelSpec({ model: "m" }).says({ model: "m", signatureName: "" })).toBe(true);
    expect(new OutgoingModelSpec({ model: "m", versionLabel: "" }).says({ model: "m" })).toBe(false);
  });
});

describe("fromModelSpec", () => {
  it("gives a version as a number while that is exact, as a bigint beyond", () => {
    const spec = (value: bigint) => ({
      name: "m",
      versionChoice: { $case: "version", value } as const,
      signatureName: "",
    });
    expect(fromModelSpec(spec(5n), { model: "asked" })).toEqual({ name: "m", version: 5 });
    expect(fromModelSpec(spec(2n ** 53n), { model: "asked" })).toEqual({ name: "m", version: 2n ** 53n });
  });

  it("falls back to the name that was asked for", () => {
    expect(fromModelSpec(undefined, { model: "asked" })).toEqual({ name: "asked" });
  });
});

describe("the model_spec of a reply", () => {
  const decode = (...spec: Uint8Array[]) =>
    predictCodec.decode(
      Buffer.from(message(...spec.map((bytes) => bytesField(2, bytes)))),
      { model: "m", inputs: {} },
      {
        maxMessageBytes: 1000,
      },
    ).modelSpec;

  it("is merged when it comes in pieces", () => {
    const first = message(bytesField(1, Buffer.from("a")), bytesField(2, Uint8Array.of(8, 3)));
    expect(decode(first, message(bytesField(1, Buffer.from("b"))))).toEqual({ name: "b", version: 3 });
  });

  it("loses its version to a label that comes later, as a oneof does", () => {
    const spec = message(bytesField(2, Uint8Array.of(8, 3)), bytesField(4, Buffer.from("stable")));
    expect(decode(spec)).toEqual({ name: "m" });
  });

  it("may not have a negative version", () => {
    const bytes = PredictResponse.encode({
      modelSpec: { name: "m", versionChoice: { $case: "version", value: -2n }, signatureName: "" },
      outputs: new Map(),
    }).finish();
    expect(() =>
      predictCodec.decode(Buffer.from(bytes), { model: "m", inputs: {} }, { maxMessageBytes: 1000 }),
    ).toThrow("PredictResponse: model_spec.version: -2 is negative");
  });
});
