import { afterEach, describe, expect, it, vi } from "vitest";
import { OutgoingModelSpec } from "../../../src/grpc/model-spec.ts";
import { PredictCodec } from "../../../src/grpc/predict.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";

function send(codec: PredictCodec, model: string, x: Tensor): Buffer {
  const outgoing = codec.encode({ model, inputs: { x } });
  const bytes = Buffer.alloc(outgoing.length);
  expect(outgoing.copy(bytes, 0)).toBe(bytes.length);
  return bytes;
}

function floats(...values: readonly number[]): Tensor {
  return new Tensor("float32", [values.length], Float32Array.from(values)) as Tensor;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("PredictCodec.encode", () => {
  it("writes only elements from the third request of a kind on", () => {
    const heads = vi.spyOn(OutgoingModelSpec.prototype, "write");
    const codec = new PredictCodec();
    for (let time = 0; time < 6; time++) {
      expect(send(codec, "m", floats(time, 1))).toEqual(send(new PredictCodec(), "m", floats(time, 1)));
    }
    // Each of the six codecs that were made to compare with writes its own.
    expect(heads).toHaveBeenCalledTimes(2 + 6);
  });

  it("keeps eight kinds, and gives up the oldest for a ninth", () => {
    const heads = vi.spyOn(OutgoingModelSpec.prototype, "write");
    const codec = new PredictCodec();
    const sendTwice = (models: readonly string[]) => {
      for (const model of [...models, ...models]) send(codec, model, floats(1));
    };
    const eight = ["a", "b", "c", "d", "e", "f", "g", "h"];
    sendTwice(eight);
    expect(heads).toHaveBeenCalledTimes(16);
    sendTwice(eight);
    expect(heads).toHaveBeenCalledTimes(16);
    sendTwice(["i"]);
    sendTwice(eight.slice(1));
    expect(heads).toHaveBeenCalledTimes(18);
    sendTwice(["a"]);
    expect(heads).toHaveBeenCalledTimes(20);
  });

  it("keeps nothing of a request that it refused", () => {
    const codec = new PredictCodec();
    const bad = { model: "m", version: -1, inputs: { x: floats(1) } };
    for (let time = 0; time < 3; time++) expect(() => codec.encode(bad)).toThrow("version: expected a whole number");
  });

  it("reads elements when they are written, of the tensors that were there when it was made", () => {
    const codec = new PredictCodec();
    for (let time = 0; time < 3; time++) {
      const inputs = { x: floats(1, 2) };
      const outgoing = codec.encode({ model: "m", inputs });
      (inputs.x.data as Float32Array)[1] = 9;
      inputs.x = floats(7, 7);
      const bytes = Buffer.alloc(outgoing.length);
      outgoing.copy(bytes, 0);
      expect(bytes).toEqual(send(new PredictCodec(), "m", floats(1, 9)));
    }
  });

  it("notices an array that was given away before it was written", () => {
    const codec = new PredictCodec();
    for (let time = 0; time < 3; time++) {
      const x = floats(1, 2, 3);
      const outgoing = codec.encode({ model: "m", inputs: { x } });
      structuredClone(undefined, { transfer: [(x.data as Float32Array).buffer as ArrayBuffer] });
      expect(() => outgoing.copy(Buffer.alloc(outgoing.length), 0)).toThrow("an input was changed while it was being");
    }
  });
});
