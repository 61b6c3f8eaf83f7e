import { describe, expect, it, vi } from "vitest";
import { readManyInt32s, readManyInt64s } from "../../../../src/grpc/wire/varint-kernel.ts";
import { readInt32s, readInt64s } from "../../../../src/grpc/wire/varint-list.ts";
import fc from "../../../property/fast-check.ts";

/** The varint of the lower 64 bits of a value. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

/** Values of every length, short ones more often, as they come in lists of ids and labels. */
const value = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt(0n, 127n) },
  { weight: 4, arbitrary: fc.bigInt(0n, 1000n) },
  fc.integer({ min: 1, max: 64 }).chain((bits) => fc.bigInt(0n, 2n ** BigInt(bits) - 1n)),
  fc.bigInt(-(2n ** 63n), -1n),
);
const values = fc.array(value, { minLength: 200, maxLength: 400 });

const FRONT = 3;

/** A list with other bytes on both sides, and at an odd place in memory. */
function message(list: readonly number[]): { bytes: Buffer; end: number } {
  const bytes = Buffer.from([0xff, 0xff, 0xff, ...list, 0xff, 0xff]);
  return { bytes, end: FRONT + list.length };
}

type Outcome = { readonly elements: number[]; readonly index: number } | { readonly reason: string };

function outcome(limit: number, read: (words: Int32Array) => number): Outcome {
  const words = new Int32Array(limit);
  try {
    return { index: read(words), elements: [...words] };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

describe("readManyInt64s", () => {
  it.each([0, 1] as const)("reads what the careful loop reads, low words at %i", (lowWord) => {
    fc.assert(
      fc.property(values, fc.nat(3), fc.nat(3), (list, index, room) => {
        const { bytes, end } = message(list.flatMap(varint));
        const limit = index + list.length + room;
        const read = (loop: typeof readInt64s) =>
          outcome(2 * limit, (words) => loop(bytes, FRONT, end, words, index, limit, lowWord));
        expect(read(readManyInt64s)).toEqual(read(readInt64s));
        expect(read(readManyInt64s)).toMatchObject({ index: index + list.length });
      }),
    );
  });

  it("reads values of each length, all of one length", () => {
    for (let length = 1; length <= 10; length++) {
      const list = Array.from({ length: 200 }, (_, each) => (1n << BigInt(7 * (length - 1))) + BigInt(each % 100));
      const { bytes, end } = message(list.flatMap(varint));
      const words = new Int32Array(400);
      expect(readManyInt64s(bytes, FRONT, end, words, 0, 200, 0)).toBe(200);
      expect([...new BigUint64Array(words.buffer)]).toEqual(list.map((each) => BigInt.asUintN(64, each)));
    }
  });

  it("reads runs that are many times as long as a piece of them", () => {
    const list = Array.from(
      { length: 50_000 },
      (_, each) => (BigInt(each) * 0x9e37_79b9_7f4a_7c15n) >> BigInt(each % 64),
    );
    const { bytes, end } = message(list.flatMap(varint));
    const words = new Int32Array(2 * list.length);
    expect(readManyInt64s(bytes, FRONT, end, words, 0, list.length, 0)).toBe(list.length);
    expect(Buffer.from(words.buffer).equals(Buffer.from(new BigUint64Array(list).buffer))).toBe(true);
  });

  it("reads the same where there is no WebAssembly", async () => {
    vi.resetModules();
    vi.stubGlobal("WebAssembly", undefined);
    try {
      const bare = await import("../../../../src/grpc/wire/varint-kernel.ts");
      const list = Array.from({ length: 1000 }, (_, each) => BigInt(each) ** 3n);
      const { bytes, end } = message(list.flatMap(varint));
      const words = new Int32Array(2 * list.length);
      expect(bare.readManyInt64s(bytes, FRONT, end, words, 0, list.length, 0)).toBe(list.length);
      expect([...new BigUint64Array(words.buffer)]).toEqual(list);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("refuses what the careful loop refuses, wherever it lies", () => {
    const faults = [
      { list: [0x80], reason: "the list ends inside a varint" },
      { list: Array.from({ length: 11 }, () => 0x80), reason: "a varint is longer than 10 bytes" },
    ];
    for (const { list, reason } of faults) {
      for (const before of [0, 1, 2, 3, 300, 301]) {
        const good = Array.from({ length: before }, () => 7);
        const after = list.length > 1 ? Array.from({ length: 400 }, () => 7) : [];
        const { bytes, end } = message([...good, ...list, ...after]);
        expect(outcome(1000, (words) => readManyInt64s(bytes, FRONT, end, words, 0, 500, 0))).toEqual({ reason });
      }
    }
  });

  it("refuses values beyond the room, and never writes there", () => {
    for (const bytesEach of [1, 2, 3, 10]) {
      const list = Array.from({ length: 400 }, () => 1n << BigInt(7 * (bytesEach - 1)));
      const { bytes, end } = message(list.flatMap(varint));
      for (const limit of [0, 1, 15, 16, 17, 200, 396, 397, 398, 399]) {
        const words = new Int32Array(1000);
        expect(() => readManyInt64s(bytes, FRONT, end, words, 0, limit, 0)).toThrow(
          `holds more values than the shape, which has room for ${limit}`,
        );
        expect(words.subarray(2 * limit).every((word) => word === 0)).toBe(true);
      }
    }
  });
});

describe("readManyInt32s", () => {
  it("reads what the careful loop reads", () => {
    fc.assert(
      fc.property(values, fc.nat(3), fc.nat(3), (list, index, room) => {
        const { bytes, end } = message(list.flatMap(varint));
        const limit = index + list.length + room;
        const read = (loop: typeof readInt32s) => outcome(limit, (out) => loop(bytes, FRONT, end, out, index, limit));
        expect(read(readManyInt32s)).toEqual(read(readInt32s));
        expect(read(readManyInt32s)).toMatchObject({ index: index + list.length });
      }),
    );
  });

  it("keeps the lower 32 bits of values of each length, negative ones too", () => {
    for (let length = 1; length <= 10; length++) {
      const first = length === 10 ? -5000n : 1n << BigInt(7 * (length - 1));
      const list = Array.from({ length: 200 }, (_, each) => first + BigInt(each % 100));
      const { bytes, end } = message(list.flatMap(varint));
      const out = new Int32Array(200);
      expect(readManyInt32s(bytes, FRONT, end, out, 0, 200)).toBe(200);
      expect([...out]).toEqual(list.map((each) => Number(BigInt.asIntN(32, each))));
    }
  });

  it("refuses what the careful loop refuses", () => {
    const good = Array.from({ length: 400 }, () => 7);
    const overlong = message([...good, ...Array.from({ length: 11 }, () => 0x80), ...good]);
    expect(outcome(900, (out) => readManyInt32s(overlong.bytes, FRONT, overlong.end, out, 0, 900))).toEqual({
      reason: "a varint is longer than 10 bytes",
    });
    const cut = message([...good, 0x80]);
    expect(outcome(500, (out) => readManyInt32s(cut.bytes, FRONT, cut.end, out, 0, 500))).toEqual({
      reason: "the list ends inside a varint",
    });
    const { bytes, end } = message(good);
    expect(outcome(399, (out) => readManyInt32s(bytes, FRONT, end, out, 0, 399))).toEqual({
      reason: "holds more values than the shape, which has room for 399",
    });
  });
});
