import { describe, expect, it } from "vitest";
import { roomFor, Stamp } from "../../../../src/grpc/wire/stamp.ts";
import { FIXED_WIDTH, type FixedWidthDType, type NumericArray } from "../../../../src/tensor/dtype.ts";

const HEADS = Array.from({ length: 20 }, (_, length) => Buffer.alloc(length, length));

function numbers(dtype: FixedWidthDType, count: number, from: number): NumericArray {
  const { array, bytesPerElement } = FIXED_WIDTH[dtype];
  return new array(Uint8Array.from({ length: count * bytesPerElement }, (_, index) => from + index * 7).buffer);
}

function bytesOf(data: NumericArray): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

describe("Stamp", () => {
  it.each(Object.keys(FIXED_WIDTH) as FixedWidthDType[])("prints the head and %s behind it", (dtype) => {
    const { bytesPerElement } = FIXED_WIDTH[dtype];
    for (const head of HEADS) {
      for (const count of [0, 1, 3, 2000]) {
        const stamp = new Stamp(head, dtype, count * bytesPerElement);
        for (const from of [1, 2]) {
          const data = numbers(dtype, count, from);
          const target = Buffer.alloc(head.length + data.byteLength + 6, 0xee);
          const end = stamp.print(target, 3, data);
          expect(end).toBe(target.length - 3);
          expect(target.subarray(3, end)).toEqual(Buffer.concat([head, bytesOf(data)]));
          expect([...target.subarray(0, 3), ...target.subarray(end)]).toEqual(Array.from({ length: 6 }, () => 0xee));
        }
      }
    }
  });

  it("prints strings with a tag and a length each", () => {
    const stamp = new Stamp(Buffer.from("head"), "string", 7);
    const target = Buffer.alloc(11);
    expect(stamp.print(target, 0, [Buffer.from("a"), Buffer.from("bc")])).toBe(11);
    expect(target).toEqual(Buffer.concat([Buffer.from("head"), Buffer.of(66, 1, 0x61, 66, 2, 0x62, 0x63)]));
  });

  it("keeps every bit, of NaN too", () => {
    const bits = Uint32Array.of(0x7fa0_0001, 0xffc1_2345, 0x8000_0000);
    const target = Buffer.alloc(12);
    new Stamp(Buffer.alloc(0), "float32", 12).print(target, 0, new Float32Array(bits.buffer));
    expect(target).toEqual(Buffer.from(bits.buffer));
  });

  it("copies the head", () => {
    const head = Buffer.from("abc");
    const stamp = new Stamp(head, "uint8", 1);
    head.fill(0);
    const target = Buffer.alloc(4);
    stamp.print(target, 0, Uint8Array.of(1));
    expect(target).toEqual(Buffer.from("abc\x01"));
  });
});

describe("roomFor", () => {
  it("is there for a few numbers, and for nothing else", () => {
    expect(roomFor("float32", 40)).toBe(40);
    expect(roomFor("float32", 4000)).toBe(0);
    expect(roomFor("string", 40)).toBe(0);
  });
});
