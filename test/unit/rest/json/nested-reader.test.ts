import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonReader } from "../../../../src/rest/json/json-reader.ts";
import { NestedReader } from "../../../../src/rest/json/nested-reader.ts";
import type { DType } from "../../../../src/tensor/dtype.ts";
import type { Tensor } from "../../../../src/tensor/tensor.ts";

function read(value: string | Buffer, dtype?: DType): Tensor {
  const body = Buffer.concat([Buffer.from('{"v":'), Buffer.from(value), Buffer.from("}")]);
  const reader = new JsonReader(body);
  reader.begin();
  let tensor: Tensor | undefined;
  reader.object(() => {
    const nested = new NestedReader(dtype);
    nested.read(reader);
    tensor = nested.finish(nested.shape);
  });
  reader.finish();
  return tensor!;
}

/** Lists of numbers of which now and then one is too long, too short, too deep or no number. */
const rows = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([rank, length]) => {
  const element: fc.Arbitrary<unknown> = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(0.5, -1.25, 3, 1e-7, 0.123456789) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>([], [1.5], "x") },
  );
  const list = (depth: number): fc.Arbitrary<unknown> => {
    const item = depth === 1 ? element : list(depth - 1);
    return fc.oneof(
      { weight: 20, arbitrary: fc.array(item, { minLength: length, maxLength: length }) },
      { weight: 1, arbitrary: fc.array(item, { maxLength: length + 1 }) },
    );
  };
  return list(rank);
});

describe("NestedReader", () => {
  it("reads rows written closely as it reads those with white space between", () => {
    const outcome = (json: string, dtype: DType | undefined) => {
      try {
        const { shape, data } = read(json, dtype);
        return { shape, data };
      } catch (error) {
        // The place of a byte is another one, the index must be the same.
        return (error as Error).message.replace(/byte \d+/, "byte");
      }
    };
    fc.assert(
      fc.property(rows, fc.constantFrom<DType | undefined>("float32", "float64", undefined), (nested, dtype) => {
        const closely = JSON.stringify(nested);
        expect(outcome(closely, dtype)).toEqual(outcome(closely.replaceAll("],[", "] , ["), dtype));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, DType, number[], readonly unknown[]]>([
    ["1.5", "float32", [], [1.5]],
    ["[]", "float32", [0], []],
    ["[[],[]]", "int32", [2, 0], []],
    ["[[[]]]", "int64", [1, 1, 0], []],
    ["[1, 2 ,\n\t3\r\n]", "int32", [3], [1, 2, 3]],
    ["[[1.0,2.0],[3.5,-4.0]]", "float32", [2, 2], [1, 2, 3.5, -4]],
    ["[[[1],[2]],[[3],[4]]]", "uint8", [2, 2, 1], [1, 2, 3, 4]],
    ["[true,false]", "bool", [2], [1, 0]],
    ["[-128,127]", "int8", [2], [-128, 127]],
    ["[-32768,32767]", "int16", [2], [-32768, 32767]],
    ["[0,4294967295]", "uint32", [2], [0, 4294967295]],
    ["[0,65535]", "uint16", [2], [0, 65535]],
    ["[]", "float16", [0], []],
    ["[[],[]]", "complex64", [2, 0], []],
  ])("reads %s as %s %j", (json, dtype, shape, values) => {
    const tensor = read(json, dtype);
    expect(tensor.dtype).toBe(dtype);
    expect(tensor.shape).toEqual(shape);
    expect(Array.from(tensor.data as Iterable<unknown>)).toEqual(values);
  });

  it("reads 64-bit integers exactly", () => {
    const signed = "[9223372036854775807,-9223372036854775808,9007199254740993,-1,0,-0,123456789012345,-4294967297]";
    expect(read(signed, "int64").data).toEqual(
      BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -1n, 0n, 0n, 123456789012345n, -4294967297n),
    );
    expect(read("[18446744073709551615,9223372036854775808,7]", "uint64").data).toEqual(
      BigUint64Array.of(2n ** 64n - 1n, 2n ** 63n, 7n),
    );
  });

  it("reads the server's bare tokens for what is not finite", () => {
    expect(read("[NaN,Infinity,-Infinity,-NaN,Inf,-Inf]", "float32").data).toEqual(
      Float32Array.of(
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ),
    );
    expect(read("[NaN]", "float64").data).toEqual(Float64Array.of(Number.NaN));
  });

  it("keeps the sign of zero", () => {
    expect(Object.is(read("-0.0", "float32").data[0], -0)).toBe(true);
    expect(Object.is(read("-0", "float64").data[0], -0)).toBe(true);
  });

  it.each([
    "0.1",
    "9e+06",
    "8.00725102e-05",
    "3.40282347e+38",
    "1.17549435E-38",
    "1e-45",
    "0.33333333333333331",
    "123456789.123456789",
    "0.000000000000000000000000000000000000000000001",
    "100000000000000000000000000000000000000",
    "1.00000017881393432617187499",
    "1.00000017881393432617187500",
    "1.00000017881393432617187501",
    "16777217",
    "-12345678901234567890.5",
  ])("rounds %s to the float32 and the float64 that JavaScript would", (token) => {
    expect((read(token, "float64").data as Float64Array)[0]).toBe(Number(token));
    expect((read(token, "float32").data as Float32Array)[0]).toBe(Math.fround(Number(token)));
  });

  it("takes the dtype from the tokens where none is declared", () => {
    expect(read("[1.0,2]").dtype).toBe("float32");
    expect(read("[1,2]").dtype).toBe("int64");
    expect(read("[1e3]").dtype).toBe("float32");
    expect(read("[NaN]").dtype).toBe("float32");
    expect(read("[-Infinity]").dtype).toBe("float32");
    expect(read("true").dtype).toBe("bool");
    expect(read('"a"').dtype).toBe("string");
    expect(read('[{"b64":"YQ=="}]').dtype).toBe("string");
    expect(read("[]").dtype).toBe("float32");
    expect(read("7").dtype).toBe("int64");
    expect(read("7.5").dtype).toBe("float32");
  });

  it("turns to floats when whole numbers are followed by others", () => {
    const tensor = read("[[1,2],[3,4.5],[-6,NaN]]");
    expect(tensor.dtype).toBe("float32");
    expect(tensor.shape).toEqual([3, 2]);
    expect(tensor.data).toEqual(Float32Array.of(1, 2, 3, 4.5, -6, Number.NaN));
    const long = read(`[${"1,".repeat(5000)}2.5]`);
    expect(long.shape).toEqual([5001]);
    expect((long.data as Float32Array)[5000]).toBe(2.5);
  });

  it("hands on the bytes of strings as they are", () => {
    const invalid = Buffer.from([0x22, 0xff, 0x61, 0xc3, 0x22]);
    expect(read(invalid, "string").data).toEqual([Uint8Array.of(0xff, 0x61, 0xc3)]);
    const escaped = read('["a\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\ud83d\\ude00",""]', "string");
    expect(escaped.toStrings()).toEqual(['a"\\/\b\f\n\r\t\0é😀', ""]);
  });

  it("reads base64 at any rank, with or without padding, beside text", () => {
    const tensor = read('[[{"b64":"AAEC"}, { "b64" : "\\/w" }],["x",{"b64":""}]]', "string");
    expect(tensor.shape).toEqual([2, 2]);
    expect(tensor.data).toEqual([Uint8Array.of(0, 1, 2), Uint8Array.of(255), Uint8Array.of(120), Uint8Array.of()]);
    expect(read('{"b64":"aGk="}').toStrings()).toEqual(["hi"]);
  });

  it.each([
    ["[[1,2],[3]]", "ragged: the list at [1] has length 1, those before it 2"],
    ["[[[1],[2]],[[3],[4,5]]]", "ragged: the list at [1, 1] has length 2, those before it 1"],
    ["[1,[2]]", "ragged: a list at index [1], expected an element"],
    ["[[1],2]", "ragged: an element at index [1], expected a list"],
    ["[[],[[]]]", "ragged: a list at index [1, 0], expected an element"],
    ["[[[]],[]]", "ragged: the list at [1] has length 0, those before it 1"],
    ["[[1],[]]", "ragged: the list at [1] has length 0, those before it 1"],
  ])("refuses %s, naming the index", (json, problem) => {
    expect(() => read(json, "int32")).toThrow(problem);
  });

  it.each<[string, DType | undefined, string]>([
    ["[1.0]", "int32", "byte 6: expected int32, found a number with a fraction or an exponent"],
    ["[1e2]", "int64", "byte 6: expected int64, found a number with a fraction or an exponent"],
    ["[128]", "int8", "byte 6: a number beyond the range of int8"],
    ["[-1]", "uint64", "byte 6: a number beyond the range of uint64"],
    ["[18446744073709551616]", "uint64", "beyond the range of uint64"],
    ["[9223372036854775808]", "int64", "beyond the range of int64"],
    [`[${"9".repeat(100_000)}]`, "int64", "beyond the range of int64"],
    ["[1e39]", "float32", "byte 6: a number beyond the range of float32"],
    ["[1e999]", "float64", "beyond the range of float64"],
    ['["1"]', "float32", "byte 6: expected a number, found a string"],
    ["[null]", undefined, "byte 6: expected a value, found null"],
    ["[null]", "float32", "byte 6: expected a number, found null"],
    ["[true]", "int32", "expected int32, found a boolean"],
    ["[1]", "bool", "expected true or false, found a number"],
    ["[01]", "int32", "a number with zeros in front"],
    ["[01.5]", "float32", "a number with zeros in front"],
    ["[1.]", "float32", "a number that ends with its point"],
    ["[.5]", "float32", 'expected a number, found "."'],
    ["[1e]", "float32", "a number without digits in its exponent"],
    ["[nan]", "float32", "expected a number, found null"],
    ["[Nope]", "float32", "expected a number, found a word that is none"],
    ["[1 2]", "int32", 'expected "," or "]", found a number'],
    ["[1 2.5]", undefined, 'expected "," or "]", found a number'],
    ["[1,]", "int32", 'expected int32, found "]"'],
    ["[1,]", "float32", 'expected a number, found "]"'],
    ["[,1]", "float32", 'expected a number, found ","'],
    ['[{"b65":"AA=="}]', "string", "found another object"],
    ['[{"b64":"A"}]', "string", "not base64"],
    ['[{"b64":"-_8="}]', "string", "not base64"],
    ['[{"b64":"AA==","x":1}]', "string", 'expected "}" behind the b64 string'],
    ['["\\x"]', "string", "an escape that JSON does not have"],
    ['["\\ud800"]', "string", "an escape that JSON does not have"],
    ["[1]", "float16", "float16, which JSON cannot hold"],
    [`${"[".repeat(65)}${"]".repeat(65)}`, undefined, "nested deeper than 64"],
  ])("refuses %.40s as %s, naming the byte", (json, dtype, problem) => {
    expect(() => read(json, dtype)).toThrow(problem);
  });

  it("does not overflow the stack on a million open lists", () => {
    expect(() => read("[".repeat(1_000_000), "float32")).toThrow("nested deeper than 64");
  });

  it("gives fresh memory each time", () => {
    const first = read(`[${Array.from({ length: 100 }, (_, index) => index).join()}]`, "float32");
    const second = read(`[${Array.from({ length: 100 }, () => 7).join()}]`, "float32");
    expect((first.data as Float32Array)[99]).toBe(99);
    expect((second.data as Float32Array)[99]).toBe(7);
    expect((first.data as Float32Array).buffer).not.toBe((second.data as Float32Array).buffer);
  });
});
