import { describe, expect, it } from "vitest";
import { ServingError } from "../../src/errors/serving-error.ts";
import { tensor } from "../../src/tensor/build-tensor.ts";
import { concat } from "../../src/tensor/concat.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { slice } from "../../src/tensor/slice.ts";
import { split } from "../../src/tensor/split.ts";
import { stack } from "../../src/tensor/stack.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { toTensor } from "../../src/tensor/to-tensor.ts";

/** Any call, typed or not: misuse is what the compiler did not see. */
const untyped = (value: unknown) => value as never;

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ServingError);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", kind: "invalid" });
    return (error as ServingError).rawMessage;
  }
  throw new Error("nothing was thrown");
}

const x = (input: unknown, dtype?: DType) => () => toTensor(untyped(input), 'input "x"', dtype && { dtype });

const pair = tensor.float32([
  [1, 2],
  [3, 4],
]);

describe("Tensor, misused", () => {
  it.each<[string, () => unknown, string]>([
    [
      "data too short",
      () => tensor.float32(new Float32Array(5), [2, 3]),
      "float32 tensor: shape [2, 3] holds 6 elements, data has 5",
    ],
    [
      "flat values too short",
      () => tensor.float32([1, 2, 3, 4, 5], [2, 3]),
      "float32 tensor: shape [2, 3] holds 6 elements, data has 5",
    ],
    [
      "half a complex number",
      () => tensor.complex64(new Float32Array(3), [2]),
      "complex64 tensor: expected pairs of re and im, data has 3 values",
    ],
    [
      "half a complex number, no shape",
      () => tensor.complex64(new Float32Array(3)),
      "complex64 tensor: expected pairs of re and im, data has 3 values",
    ],
    [
      "a negative length",
      () => tensor.float32([], [-1]),
      "float32 tensor: [-1] has -1 at axis 0, expected a whole number from 0",
    ],
    [
      "a length that is no number",
      () => tensor.float32([1], [untyped("1")]),
      "float32 tensor: [1] has 1 at axis 0, expected a whole number from 0",
    ],
    [
      "a shape that is no array",
      () => tensor.float32(new Float32Array(2), untyped(2)),
      "float32 tensor: shape must be an array, got a number",
    ],
    [
      "too many elements",
      () => tensor.float32([], [2 ** 40, 2 ** 40]),
      "float32 tensor: [1099511627776, 1099511627776] holds more than 2^53-1 elements",
    ],
    [
      "another nesting than the shape",
      () =>
        tensor.float32(
          [
            [1, 2],
            [3, 4],
          ],
          [4],
        ),
      "float32 tensor: values are nested in shape [2, 2], not [4]; give a flat array to set the shape",
    ],
    [
      "more than one element holds",
      () => tensor.float32(new Float32Array(2), [1]),
      "float32 tensor: shape [1] holds 1 element, data has 2",
    ],
    [
      "another array type",
      () => tensor.float32(untyped(new BigInt64Array(1))),
      "float32 tensor: cannot hold a BigInt64Array",
    ],
    [
      "an array type that would lose values",
      () => tensor.int32(untyped(new Float32Array(1))),
      "int32 tensor: cannot hold a Float32Array",
    ],
    [
      "floats for strings",
      () => tensor.string(untyped(new Float32Array(1))),
      "string tensor: cannot hold a Float32Array",
    ],
    [
      "bool bytes beyond 1",
      () => tensor.bool(Uint8Array.of(0, 2)),
      "bool tensor at [1]: expected the byte 0 or 1, found another",
    ],
    [
      "a dtype that is none",
      () => new Tensor(untyped("float8"), [1], untyped(new Uint8Array(1))),
      'tensor: dtype "float8" is not one this library holds',
    ],
    [
      "a dtype of Object.prototype",
      () => new Tensor(untyped("constructor"), [1], untyped(new Uint8Array(1))),
      'tensor: dtype "constructor" is not one this library holds',
    ],
    [
      "the wrong array in the constructor",
      () => new Tensor("int32", [1], untyped([1])),
      "int32 tensor: data must be an Int32Array, got an array",
    ],
    [
      "no data",
      () => new Tensor("int32", [1], untyped(undefined)),
      "int32 tensor: data must be an Int32Array, got undefined",
    ],
    [
      "a bare text as string data",
      () => new Tensor("string", [1], untyped("a")),
      "string tensor: data must be an array of Uint8Array, got a string",
    ],
    [
      "text of another dtype",
      () => pair.toStrings(),
      "toStrings(): expected a string tensor, this one is float32 [2, 2]",
    ],
    ["a row out of range", () => pair.row(2), "row(): float32 [2, 2] has rows 0 to 1, asked for 2"],
    ["a row from the end", () => pair.row(-1), "row(): float32 [2, 2] has rows 0 to 1, asked for -1"],
    ["a row of a scalar", () => tensor.float32(1).row(0), "row(): a float32 scalar has no rows"],
  ])("refuses %s", (_, run, message) => {
    expect(messageOf(run)).toBe(message);
  });
});

describe("nested values, misused", () => {
  it.each<[string, () => unknown, string]>([
    [
      "a longer row",
      x([
        [[1], [2]],
        [[3, 4], [5]],
      ]),
      'input "x": ragged at [1][0]: expected 1 value, found 2',
    ],
    ["a shorter row", x([[1, 2], [3]]), 'input "x": ragged at [1]: expected 2 values, found 1'],
    ["a value for a row", x([[1, 2], 3]), 'input "x": ragged at [1]: expected 2 values, found a number'],
    ["a row for a value", x([1, [2]]), 'input "x": ragged at [1]: expected a single value, found an array of 1'],
    [
      "a longer typed row",
      x([Float32Array.of(1), Float32Array.of(1, 2)]),
      'input "x": ragged at [1]: expected 1 value, found 2',
    ],
    ["rows after an empty one", x([[], [1]], "float32"), 'input "x": ragged at [1]: expected 0 values, found 1'],
    ["mixed types", x([1, "2"]), 'input "x" at [1]: expected a number (float32), found a string'],
    ["numbers and bigints", x([1, 2n]), 'input "x" at [1]: expected a number (float32), found a bigint'],
    ["a hole", x([[1], [undefined]]), 'input "x" at [1][0]: expected a number (float32), found undefined'],
    [
      "null inside",
      x([[null]]),
      'input "x" at [0][0]: expected a number, bigint, boolean, string or Uint8Array, found null',
    ],
    [
      "no elements and no dtype",
      x([]),
      'input "x": an empty array does not tell its dtype, give a tensor such as tensor.float32([], [0])',
    ],
    [
      "a value out of range",
      x([[0, 256]], "uint8"),
      'input "x" at [0][1]: expected a whole number from 0 to 255 (uint8), found a higher one',
    ],
    [
      "a fraction for an integer",
      x(1.5, "int32"),
      'input "x": expected a whole number from -2147483648 to 2147483647 (int32), found a fraction',
    ],
    [
      "an unsafe integer for int64",
      x([2 ** 53], "int64"),
      'input "x" at [0]: expected a bigint or a safe integer (int64), found a number beyond 2^53-1',
    ],
    [
      "numbers for bool",
      x([true, 1], "bool"),
      'input "x" at [1]: expected true or false (bool), found a number: compare it, as in value !== 0',
    ],
    [
      "a number for a string",
      x(["a", 1]),
      'input "x" at [1]: expected a string or a Uint8Array (string), found a number',
    ],
    [
      "a triple for a complex number",
      x([[1, 2, 3]], "complex64"),
      'input "x" at [0][0]: expected a pair of numbers [re, im] (complex64), found a number',
    ],
    [
      "tensors in a list",
      x([pair, pair], "float32"),
      'input "x" at [0]: expected a number (float32), found a Tensor: join tensors with stack() or concat()',
    ],
  ])("refuses %s", (_, run, message) => {
    expect(messageOf(run)).toBe(message);
  });

  it("never shows a value", () => {
    for (const run of [
      x(["hunter2"], "int32"),
      x([123_456.75], "int32"),
      x([98_765_432_109n], "int32"),
      x(["hunter2", 4711]),
    ]) {
      expect(messageOf(run)).not.toMatch(/hunter2|123456|98765432109|4711/);
    }
  });
});

describe("toTensor, misused", () => {
  it.each<[string, () => unknown, string]>([
    ["null", x(null), 'input "x": expected a tensor, an array or a value, found null'],
    ["undefined", x(undefined, "float32"), 'input "x": expected a number (float32), found undefined'],
    ["a promise", x(Promise.resolve(1)), 'input "x": expected a tensor, an array or a value, found a Promise'],
    ["a plain object", x({}), 'input "x": expected a tensor, an array or a value, found an object'],
    [
      "a DataView",
      x(new DataView(new ArrayBuffer(4))),
      'input "x": expected a tensor, an array or a value, found a DataView',
    ],
    ["another dtype", x(pair, "int64"), 'input "x": expected int64, found a tensor of float32 [2, 2]'],
    [
      "a Tensor that could be widened",
      x(tensor.int32([1]), "int64"),
      'input "x": expected int64, found a tensor of int32 [1]',
    ],
    ["another array", x(Float64Array.of(1), "float32"), 'input "x": expected float32, found a Float64Array'],
    ["integers for floats", x(Int32Array.of(1), "float32"), 'input "x": expected float32, found an Int32Array'],
    ["a bare Uint8Array for floats", x(Uint8Array.of(1), "float32"), 'input "x": expected float32, found a Uint8Array'],
    [
      "bytes beyond 1 for bool",
      x(Uint8Array.of(2), "bool"),
      'input "x" at [0]: expected the byte 0 or 1, found another',
    ],
    [
      "a foreign dtype",
      x({ data: Float32Array.of(1), shape: [1], dtype: "float32" }, "int32"),
      'input "x": expected int32, found a tensor of float32',
    ],
    [
      "a foreign dtype of plain data",
      x({ data: [1], shape: [1], dtype: "float32" }, "int32"),
      'input "x": expected int32, found a tensor of float32',
    ],
    [
      "an unknown dtype",
      x({ data: Uint8Array.of(1), dims: [1], type: "int4" }),
      'input "x": dtype "int4" is not known',
    ],
    [
      "a Buffer that went through JSON",
      x(JSON.parse(JSON.stringify(Buffer.from("ab")))),
      'input "x": dtype "Buffer" is not known',
    ],
    [
      "data that is none",
      x({ data: 5, shape: [1] }),
      'input "x": data must be a typed array or an array, found a number',
    ],
    [
      "a foreign shape that is none",
      x({ data: Float32Array.of(1), shape: 1 }),
      'input "x": shape must be an array, found a number',
    ],
    [
      "a foreign array that does not fit its dtype",
      x({ data: Int32Array.of(1), shape: [1], dtype: "float32" }),
      'input "x": float32 elements cannot be in an Int32Array',
    ],
    [
      "a foreign shape that does not fit",
      x({ data: Float32Array.of(1), dims: [2] }),
      'input "x": shape [2] holds 2 elements, data has 1',
    ],
    [
      "turned data",
      x({ data: new Float32Array(6), shape: [2, 3], strides: [1, 2] }),
      'input "x": shape [2, 3] with strides [1, 2] is not row-major, copy it first',
    ],
    [
      "Fortran order",
      x({ data: new Float32Array(6), shape: [2, 3], fortranOrder: true }),
      'input "x": elements in Fortran order are not row-major, copy them first',
    ],
    [
      "a window beyond the data",
      x({ data: new Float32Array(3), shape: [2], stride: [1], offset: 2 }),
      'input "x": shape [2] holds 2 elements, data has 1',
    ],
    [
      "a window before the data",
      x({ data: new Float32Array(3), shape: [2], stride: [1], offset: -1 }),
      'input "x": offset must be a whole number from 0, found -1',
    ],
  ])("refuses %s", (_, run, message) => {
    expect(messageOf(run)).toBe(message);
  });
});

describe("concat, stack, slice and split, misused", () => {
  it.each<[string, () => unknown, string]>([
    ["nothing to join", () => concat([]), "concat(): expected at least one tensor, got none"],
    ["no list", () => concat(untyped(pair)), "concat(): expected an array of tensors, got a Tensor"],
    ["what is no tensor", () => concat([pair, untyped([1])]), "concat(): item 1 must be a Tensor, got an array"],
    ["scalars", () => concat([tensor.float32(1)]), "concat(): tensor 0 is a scalar, expected rows"],
    [
      "rows of another length",
      () => concat([pair, tensor.float32([[1]])]),
      "concat(): tensor 1 is float32 [1, 1], expected float32 [any, 2] like tensor 0",
    ],
    [
      "rows of another dtype",
      () => concat<DType>([pair, tensor.int32([[1, 2]])]),
      "concat(): tensor 1 is int32 [1, 2], expected float32 [any, 2] like tensor 0",
    ],
    ["nothing to stack", () => stack([]), "stack(): expected at least one tensor, got none"],
    [
      "another shape",
      () => stack([pair, tensor.float32([1])]),
      "stack(): tensor 1 is float32 [1], expected float32 [2, 2] like tensor 0",
    ],
    [
      "a slice beyond the end",
      () => slice(pair, 0, 3),
      "slice(): expected 0 <= begin <= end <= 2 for float32 [2, 2], got 0 and 3",
    ],
    [
      "a slice from the end",
      () => slice(pair, -1),
      "slice(): expected 0 <= begin <= end <= 2 for float32 [2, 2], got -1 and 2",
    ],
    [
      "a slice that ends before it begins",
      () => slice(pair, 2, 1),
      "slice(): expected 0 <= begin <= end <= 2 for float32 [2, 2], got 2 and 1",
    ],
    ["a slice of a scalar", () => slice(tensor.float32(1), 0), "slice(): a float32 scalar has no rows"],
    [
      "uneven parts",
      () => split(tensor.float32([1, 2, 3]), 2),
      "split(): float32 [3] does not split into 2 equal parts",
    ],
    ["no parts", () => split(pair, 0), "split(): float32 [2, 2] does not split into 0 equal parts"],
    ["sizes that do not add up", () => split(pair, [1]), "split(): sizes add up to 1 row, float32 [2, 2] has 2"],
    ["a negative size", () => split(pair, [3, -1]), "split(): size 1 is -1, expected a whole number from 0"],
    [
      "a size that is no number",
      () => split(pair, [untyped("2")]),
      "split(): size 0 is a string, expected a whole number from 0",
    ],
    ["no sizes", () => split(pair, untyped("2")), "split(): expected sizes or a number of parts, got a string"],
  ])("refuses %s", (_, run, message) => {
    expect(messageOf(run)).toBe(message);
  });
});
