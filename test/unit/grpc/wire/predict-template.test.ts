import { afterEach, describe, expect, it, vi } from "vitest";
import type { PredictRequest } from "../../../../src/contract/predict.ts";
import { OutgoingModelSpec } from "../../../../src/grpc/model-spec.ts";
import { PredictTemplate } from "../../../../src/grpc/wire/predict-template.ts";
import { Tensor } from "../../../../src/tensor/tensor.ts";

const x = floats([2]);
const REQUEST = { model: "m", inputs: { x, y: floats([1, 2]) } };

function floats(shape: readonly number[], from = 0): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return new Tensor(
    "float32",
    shape,
    Float32Array.from({ length: size }, (_, index) => from + index),
  ) as Tensor;
}

function templateFor(request: PredictRequest): PredictTemplate {
  return new PredictTemplate(request, Object.values(request.inputs));
}

function write(template: PredictTemplate, tensors: readonly Tensor[]): Buffer {
  const bytes = Buffer.alloc(template.length);
  template.write(bytes, 0, tensors);
  return bytes;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("PredictTemplate.tensorsOf", () => {
  it("finds the tensors of a request that differs in elements alone", () => {
    const inputs = { x: floats([2], 5), y: floats([1, 2], 7) };
    expect(templateFor(REQUEST).tensorsOf({ model: "m", inputs })).toEqual([inputs.x, inputs.y]);
    expect(templateFor(REQUEST).tensorsOf({ ...REQUEST, outputFilter: [], signatureName: "" })).toBeDefined();
  });

  it.each<[string, PredictRequest]>([
    ["another model", { ...REQUEST, model: "n" }],
    ["a version", { ...REQUEST, version: 1 }],
    ["a label", { ...REQUEST, versionLabel: "stable" }],
    ["a signature", { ...REQUEST, signatureName: "s" }],
    ["an output filter", { ...REQUEST, outputFilter: ["z"] }],
    ["an input less", { model: "m", inputs: { x } }],
    ["an input more", { model: "m", inputs: { ...REQUEST.inputs, z: x } }],
    ["another order", { model: "m", inputs: { y: REQUEST.inputs.y, x } }],
    ["another name", { model: "m", inputs: { x, z: REQUEST.inputs.y } }],
    ["another shape", { model: "m", inputs: { x, y: floats([2, 1]) } }],
    ["another dtype", { model: "m", inputs: { x, y: new Tensor("int32", [1, 2], new Int32Array(2)) } }],
  ])("fits no request with %s", (_, request) => {
    expect(templateFor(REQUEST).tensorsOf(request)).toBeUndefined();
    expect(templateFor(request).tensorsOf(REQUEST)).toBeUndefined();
  });

  it("tells filters of one length apart, and does not change with the array it was made of", () => {
    const outputFilter = ["a", "b"];
    const template = templateFor({ ...REQUEST, outputFilter });
    outputFilter[1] = "c";
    expect(template.tensorsOf({ ...REQUEST, outputFilter })).toBeUndefined();
    expect(template.tensorsOf({ ...REQUEST, outputFilter: ["a", "b"] })).toBeDefined();
  });
});

describe("PredictTemplate.write", () => {
  it("writes what does not change twice, and copies it from then on", () => {
    const model = vi.spyOn(OutgoingModelSpec.prototype, "write");
    const template = templateFor({ ...REQUEST, outputFilter: ["a"] });
    const tensors = Object.values(REQUEST.inputs);
    const first = write(template, tensors);
    for (let time = 0; time < 5; time++) expect(write(template, tensors)).toEqual(first);
    expect(model).toHaveBeenCalledTimes(2);
  });

  it("writes a request without inputs every time", () => {
    const template = templateFor({ model: "m", inputs: {}, outputFilter: ["a"] });
    for (let time = 0; time < 3; time++) expect(write(template, []).toString("latin1")).toBe("\n\x03\n\x01m\x1a\x01a");
  });

  it("refuses elements that became fewer or more meanwhile, first and later", () => {
    const template = templateFor({ model: "m", inputs: { x } });
    const bytes = Buffer.alloc(template.length);
    for (let time = 0; time < 3; time++) {
      for (const other of [floats([1]), floats([3])]) {
        expect(() => template.write(bytes, 0, [other])).toThrow("an input was changed while it was being sent");
      }
      expect(write(template, [x])).toHaveLength(template.length);
    }
    const strings = [Buffer.from("ab"), Buffer.from("cd")];
    const text = new Tensor("string", [2], strings) as Tensor;
    const lines = templateFor({ model: "m", inputs: { text } });
    strings[1] = Buffer.from("c");
    expect(() => lines.write(Buffer.alloc(lines.length), 0, [text])).toThrow("an input was changed while it was being");
  });
});

describe("PredictTemplate.isWorthKeeping", () => {
  it("says no to strings, whose lengths change, and to what would take more than 16 KiB", () => {
    const keeps = (inputs: PredictRequest["inputs"]) => templateFor({ model: "m", inputs }).isWorthKeeping;
    expect(keeps({ x })).toBe(true);
    expect(keeps({ x, image: floats([1_000_000]) })).toBe(true);
    expect(keeps({ x, text: new Tensor("string", [0], []) })).toBe(false);
    expect(keeps({ ["n".repeat(20_000)]: x })).toBe(false);
    expect(keeps(Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`x${index}`, floats([60])])))).toBe(
      false,
    );
    expect(templateFor({ ...REQUEST, outputFilter: ["n".repeat(20_000)] }).isWorthKeeping).toBe(false);
  });
});
