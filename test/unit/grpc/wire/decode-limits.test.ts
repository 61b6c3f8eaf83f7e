import { describe, expect, it } from "vitest";
import { classifyCodec } from "../../../../src/grpc/classify.ts";
import { PredictCodec } from "../../../../src/grpc/predict.ts";
import { bytesField, message } from "../../../property/grpc-wire-bytes.ts";

const predictCodec = new PredictCodec();

const LIMITS = { maxMessageBytes: 1 << 16 };

/** A PredictResponse with `outputs` int64 tensors of `elements` values, one byte each on the wire. */
function ids(elements: number, outputs: number): Buffer {
  const size = Uint8Array.of(8, (elements & 0x7f) | 0x80, (elements >> 7) | 0x80, elements >> 14);
  const tensor = message(
    Uint8Array.of(8, 9),
    bytesField(2, bytesField(2, size)),
    bytesField(10, new Uint8Array(elements).fill(7)),
  );
  const entries = Array.from({ length: outputs }, (_, index) =>
    bytesField(1, message(bytesField(1, Buffer.from(`y${index}`)), bytesField(2, tensor))),
  );
  return Buffer.from(message(...entries));
}

describe("the memory that a reply may take", () => {
  it("is twice the limit of its bytes", () => {
    const { outputs } = predictCodec.decode(ids(16_384, 1), { model: "m", inputs: {} }, LIMITS);
    expect(outputs["y0"]?.data.length).toBe(16_384);
    expect(outputs["y0"]?.data[16_383]).toBe(7n);
    expect(() => predictCodec.decode(ids(16_385, 1), { model: "m", inputs: {} }, LIMITS)).toThrow(
      "[RESOURCE_EXHAUSTED] the reply takes 131080 bytes or more when it is read, twice the limit of 65536 (maxMessageBytes) at most are allowed",
    );
  });

  it("is counted over all its tensors", () => {
    expect(() => predictCodec.decode(ids(6_000, 3), { model: "m", inputs: {} }, LIMITS)).toThrow(
      "the reply takes 144000 bytes or more",
    );
  });

  it("is counted for classes too, of which there may be any number for an example", () => {
    const reply = (classes: number) =>
      Buffer.from(bytesField(1, bytesField(1, message(...Array(classes).fill(Uint8Array.of(10, 0))))));
    const request = { model: "m", examples: [{ features: new Map() }] };
    expect(classifyCodec.decode(reply(2_048), request, LIMITS).results[0]).toHaveLength(2_048);
    expect(() => classifyCodec.decode(reply(2_049), request, LIMITS)).toThrow("the reply takes 131136 bytes or more");
  });
});
