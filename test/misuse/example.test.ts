import { describe, expect, it } from "vitest";
import { toExample } from "../../src/contract/build-example.ts";
import { ServingError } from "../../src/errors/serving-error.ts";
import { tensor } from "../../src/tensor/build-tensor.ts";

function messageOf(input: unknown): string {
  try {
    toExample(input as never, "examples[3]");
  } catch (error) {
    expect(error).toBeInstanceOf(ServingError);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", kind: "invalid" });
    return (error as ServingError).rawMessage;
  }
  throw new Error("nothing was thrown");
}

const INT64 = "expected a bigint from -2^63 to 2^63-1, a safe integer or a boolean (int64)";
const VALUE = "expected a number, bigint, string or Uint8Array";
const FORM = "expected a value, a list, or one of { float }, { int64 }, { bytes }";

describe("toExample, misused", () => {
  it.each<[string, unknown, string]>([
    ["a boolean", { ok: true }, `feature "ok": ${VALUE}, found a boolean; say { int64: true } for 1 and 0`],
    ["booleans", { ok: [true] }, `feature "ok" at [0]: ${VALUE}, found a boolean; say { int64: true } for 1 and 0`],
    ["null", { a: null }, `feature "a": ${VALUE}, found null`],
    ["undefined", { a: undefined }, `feature "a": ${VALUE}, found undefined`],
    ["another typed array", { a: new Int32Array(1) }, `feature "a": ${VALUE}, found an Int32Array`],
    [
      "a mixed list",
      { tags: ["a", "b", 3] },
      'feature "tags" at [2]: a number (float) in a list of bytes, expected one kind',
    ],
    [
      "numbers and bigints",
      { a: [1, 2n] },
      'feature "a" at [1]: a bigint (int64) in a list of float, expected one kind',
    ],
    ["a list with null", { a: [1, null] }, `feature "a" at [1]: ${VALUE}, found null`],
    ["a nested list", { a: [[1]] }, `feature "a" at [0]: ${VALUE}, found an array`],
    ["a bigint beyond int64", { a: 2n ** 63n }, `feature "a": ${INT64}, found a bigint out of range`],
    [
      "a bigint beyond int64 in a list",
      { a: [1n, -(2n ** 63n) - 1n] },
      `feature "a" at [1]: ${INT64}, found a bigint out of range`,
    ],
    ["a fraction as int64", { a: { int64: [1, 1.5] } }, `feature "a" at [1]: ${INT64}, found another number`],
    ["an unsafe integer as int64", { a: { int64: 2 ** 53 } }, `feature "a": ${INT64}, found another number`],
    ["text as int64", { a: { int64: "1" } }, `feature "a": ${INT64}, found a string`],
    ["a bigint as float", { a: { float: 1n } }, 'feature "a": expected a number (float), found a bigint'],
    [
      "a number as bytes",
      { a: { bytes: [1] } },
      'feature "a" at [0]: expected a string or a Uint8Array (bytes), found a number',
    ],
    ["floats as int64", { a: { int64: Float32Array.of(1) } }, 'feature "a": expected int64, found a Float32Array'],
    ["an unknown form", { a: { double: 1 } }, `feature "a": ${FORM}, found an object with another member`],
    ["two kinds at once", { a: { float: 1, int64: 1 } }, `feature "a": ${FORM}, found an object with 2 members`],
    ["a tensor", { a: tensor.float32([1]) }, `feature "a": ${FORM}, found a Tensor`],
    ["a date", { a: new Date(0) }, `feature "a": ${FORM}, found a Date`],
  ])("refuses %s", (_, input, message) => {
    expect(messageOf(input)).toBe(`examples[3]: ${message}`);
  });

  it.each<[unknown, string]>([
    [null, "null"],
    [[{ a: 1 }], "an array"],
    ["a", "a string"],
    [new Map([["a", 1]]), "a Map"],
    [new Uint8Array(1), "a Uint8Array"],
    [tensor.float32([1]), "a Tensor"],
  ])("refuses what is no object of features (%#)", (input, found) => {
    expect(messageOf(input)).toBe(`examples[3]: expected an object of features, found ${found}`);
  });

  it("never shows a value", () => {
    for (const value of [["x", 4711], { int64: 4711.5 }, 2n ** 90n]) {
      expect(messageOf({ a: value })).not.toMatch(/4711|1237940039285380274899124224/);
    }
  });
});
