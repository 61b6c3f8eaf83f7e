import { describe, expect, it } from "vitest";
import { areBits, elementsAt } from "../../../../src/grpc/wire/tensor-values.ts";

const LARGE = 300_000;

/** Elements behind `before` other bytes and in front of two more, in memory of their own but for `front` bytes. */
function message(elements: Uint8Array, before: number, front: number): Buffer {
  const frame = new Uint8Array(front + before + elements.length + 2).fill(0xee);
  frame.set(elements, front + before);
  return Buffer.from(frame.buffer, front);
}

const floats = Float32Array.from({ length: LARGE / 4 }, (_, index) => index / 3);
const doubles = Float64Array.from({ length: LARGE / 8 }, (_, index) => index / 3);

describe("elementsAt", () => {
  it.each([8, 9, 10, 11, 12, 13, 14, 15])("finds large elements where they are, %i bytes into a message", (before) => {
    for (const front of [0, 5]) {
      for (const [type, values] of [[Float32Array, floats] as const, [Float64Array, doubles] as const]) {
        const bytes = message(new Uint8Array(values.buffer), before, front);
        const out = elementsAt(type as never, bytes, before, before + LARGE);
        expect(Buffer.compare(viewOf(out), viewOf(values))).toBe(0);
        expect(out.buffer).toBe(bytes.buffer);
        // Nothing is moved further than to the next boundary, which is what lies before the elements.
        expect(bytes.subarray(0, before - 7).every((byte) => byte === 0xee)).toBe(true);
        expect(bytes.subarray(before + LARGE).every((byte) => byte === 0xee)).toBe(true);
      }
    }
  });

  it("copies small elements, the smaller part of a message, and out of memory that others share", () => {
    const small = message(new Uint8Array(floats.buffer, 0, 400), 9, 5);
    const part = message(new Uint8Array(floats.buffer), LARGE + 1, 5);
    const shared = Buffer.from(message(new Uint8Array(floats.buffer), 9, 100));
    const cases = [
      [small, 9, 400],
      [part, LARGE + 1, LARGE],
      [shared.subarray(0, 9 + LARGE), 9, LARGE],
      [message(new Uint8Array(floats.buffer), 9, 100), 9, LARGE],
    ] as const;
    for (const [bytes, start, length] of cases) {
      const before = Buffer.from(bytes);
      const out = elementsAt(Float32Array, bytes, start, start + length);
      expect(Buffer.compare(viewOf(out), before.subarray(start, start + length))).toBe(0);
      expect(out.buffer.byteLength).toBe(length);
      expect(bytes.equals(before)).toBe(true);
    }
  });
});

describe("areBits", () => {
  it("looks at every byte, whatever the place and the length", () => {
    for (const front of [0, 1, 2, 3]) {
      for (const length of [0, 1, 3, 4, 5, 8, 11, 16, 19, 37]) {
        const bytes = message(new Uint8Array(length).fill(1), 3, front);
        expect(areBits(bytes, 3, 3 + length)).toBe(true);
        for (let at = 3; at < 3 + length; at++) {
          bytes[at] = 2;
          expect(areBits(bytes, 3, 3 + length)).toBe(false);
          bytes[at] = 0;
        }
      }
    }
  });
});

function viewOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
