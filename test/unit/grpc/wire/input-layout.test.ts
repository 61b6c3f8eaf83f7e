import { describe, expect, it } from "vitest";
import { PredictRequest } from "#generated/tensorflow_serving/apis/predict.ts";
import { InputLayout } from "../../../../src/grpc/wire/input-layout.ts";
import { Tensor } from "../../../../src/tensor/tensor.ts";

const NUMBERS = Float32Array.of(1, 2, 3);
const FLOATS = new Tensor("float32", [1, 3], NUMBERS) as Tensor;

function write(layout: InputLayout): Buffer {
  const head = Buffer.alloc(layout.size - layout.elementsSize);
  expect(layout.writeHead(head, 0)).toBe(head.length);
  return head;
}

describe("InputLayout", () => {
  it("writes all of an entry but its numbers", () => {
    const layout = new InputLayout("x", FLOATS);
    expect(layout).toMatchObject({ dtype: "float32", elementsSize: 12 });
    const { inputs } = PredictRequest.decode(Buffer.concat([write(layout), Buffer.from(NUMBERS.buffer)]));
    const { tensorShape, tensorContent } = inputs.get("x")!;
    expect(tensorShape?.dim.map(({ size }) => size)).toEqual([1n, 3n]);
    expect(tensorContent).toEqual(Buffer.from(NUMBERS.buffer));
  });

  it("writes all of an entry but its strings", () => {
    const layout = new InputLayout("x", new Tensor("string", [1], [Buffer.from("ab")]) as Tensor);
    expect(layout).toMatchObject({ dtype: "string", elementsSize: 4 });
    const { inputs } = PredictRequest.decode(Buffer.concat([write(layout), Buffer.of(66, 2, 0x61, 0x62)]));
    expect(inputs.get("x")!.stringVal).toEqual([Buffer.from("ab")]);
  });

  it("fits inputs of the same name, dtype and shape", () => {
    const layout = new InputLayout("x", FLOATS);
    expect(layout.fits("x", new Tensor("float32", [1, 3], new Float32Array(3)) as Tensor)).toBe(true);
    expect(layout.fits("y", FLOATS)).toBe(false);
    expect(layout.fits("x", new Tensor("int32", [1, 3], new Int32Array(3)) as Tensor)).toBe(false);
    for (const shape of [[3], [3, 1], [1, 3, 1], [1, 1, 3]]) {
      expect(layout.fits("x", new Tensor("float32", shape, new Float32Array(3)) as Tensor)).toBe(false);
    }
  });

  it("does not change with the shape that it was made of", () => {
    const tensor = new Tensor("float32", [1, 3], new Float32Array(3)) as Tensor;
    const layout = new InputLayout("x", tensor);
    (tensor.shape as number[])[1] = 4;
    expect(layout.fits("x", tensor)).toBe(false);
    expect(layout.fits("x", FLOATS)).toBe(true);
  });

  it("takes as many values as its shape holds, two an element where it is complex", () => {
    expect(new InputLayout("x", FLOATS).takes(new Float32Array(3))).toBe(true);
    expect(new InputLayout("x", FLOATS).takes(new Float32Array(4))).toBe(false);
    const complex = new InputLayout("x", new Tensor("complex64", [2], new Float32Array(4)) as Tensor);
    expect(complex.takes(new Float32Array(4))).toBe(true);
    expect(complex.takes(new Float32Array(2))).toBe(false);
  });
});
