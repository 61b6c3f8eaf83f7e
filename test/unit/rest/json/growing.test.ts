import { describe, expect, it } from "vitest";
import { Growing } from "../../../../src/rest/json/growing.ts";
import { JsonReader } from "../../../../src/rest/json/json-reader.ts";
import { failure } from "../fixture.ts";

const MIB = 1 << 20;

function filled(reader: JsonReader, count: number, bytesPerValue: number): Growing<Int32Array> {
  const growing = new Growing(Int32Array, reader);
  let { values } = growing;
  for (let index = 0; index < count; index++) {
    reader.position = index * bytesPerValue;
    if (index === values.length) values = growing.grow(index, reader.position, 2);
    values[index] = index;
  }
  return growing;
}

describe("Growing", () => {
  it("makes about as much room as the rest of the body needs", () => {
    const reader = new JsonReader(Buffer.alloc(10 * MIB, "1"));
    const growing = filled(reader, MIB, 10);
    expect(growing.values.length).toBeLessThan(1.1 * MIB);
    const values = growing.take(MIB);
    expect(values.length).toBe(MIB);
    expect(values[MIB - 1]).toBe(MIB - 1);
  });

  it("gives small arrays memory of exactly their size", () => {
    for (const count of [0, 1, 16, 17, 5_000]) {
      const values = filled(new JsonReader(Buffer.alloc(MIB, "1")), count, 10).take(count);
      expect(Array.from(values)).toEqual(Array.from({ length: count }, (_, index) => index));
      expect(values.buffer.byteLength).toBe(4 * count);
    }
  });

  it("never makes room for more than the bytes that are left can hold", () => {
    const growing = filled(new JsonReader(Buffer.alloc(100_000, "1")), 49_000, 2);
    expect(growing.values.length).toBeLessThanOrEqual(50_002);
  });

  it("begins small where there are thousands of tensors", () => {
    const reader = new JsonReader(Buffer.alloc(MIB, "1"));
    const opened = Array.from({ length: 5_000 }, () => new Growing(Int16Array, reader));
    const bytes = opened.reduce((sum, { values }) => sum + values.byteLength, 0);
    expect(bytes).toBeLessThan(MIB);
  });

  it("stops at twice the limit of the body, all tensors together", async () => {
    const reader = new JsonReader(Buffer.alloc(MIB, "1"), MIB);
    filled(reader, 100_000, 2);
    const error = await failure(() => {
      for (let tensor = 0; tensor < 10; tensor++) filled(reader, 100_000, 2);
    });
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", kind: "too_large" });
    expect(error.rawMessage).toMatch(
      /^the reply takes \d+ bytes or more when it is read, twice the limit of 1048576 \(maxMessageBytes\) at most are allowed$/,
    );
  });
});
