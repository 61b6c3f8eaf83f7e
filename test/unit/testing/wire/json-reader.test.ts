import { describe, expect, it } from "vitest";
import { invalid } from "../../../../src/testing/server-error.ts";
import { JsonObject, readJson } from "../../../../src/testing/wire/json-reader.ts";

const read = (text: string) => readJson(Buffer.from(text));
const element = (token: string) => (read(`[${token}]`) as readonly unknown[])[0];

describe("readJson", () => {
  it.each([
    ["0", 0n],
    ["-0", 0n],
    ["18446744073709551615", 18446744073709551615n],
    ["-9223372036854775808", -9223372036854775808n],
    ["18446744073709551616", 2 ** 64],
    ["-9223372036854775809", -(2 ** 63)],
    ["-0.0", -0],
    ["1e2", 100],
    ["1.5E-3", 0.0015],
    ["NaN", Number.NaN],
    ["Inf", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["1e-400", 0],
    // One unit off the nearest double, as the server's fast mode is.
    ["-1.35525271560688e-20", -1.3552527156068801e-20],
  ])("reads the number %s", (token, value) => {
    expect(element(token)).toBe(value);
  });

  it.each([
    ["", "The document is empty"],
    [" ", "The document is empty. at offset: 1"],
    ["}", "The document is empty. at offset: 0"],
    ["[1,]", "Invalid value. at offset: 3"],
    ["[,1]", "Unspecific syntax error. at offset: 1"],
    ['{"a":}', "Unspecific syntax error. at offset: 5"],
    ["{a:1}", "Missing a name for object member. at offset: 1"],
    ['{"a" 1}', "Missing a colon after a name of object member. at offset: 5"],
    ["[1 2]", "Missing a comma or ']' after an array element. at offset: 3"],
    ["[nan]", "Invalid value. at offset: 2"],
    ["[Nan]", "Invalid value. at offset: 3"],
    ["[1.]", "Miss fraction part in number. at offset: 3"],
    ["[1e]", "Miss exponent in number. at offset: 3"],
    ["[1e400]", "Number too big to be stored in double. at offset: 1"],
    ['["a', "Missing a closing quotation mark in string. at offset: 3"],
    ['["\\x"]', "Invalid escape character in string. at offset: 2"],
  ])("refuses %j with the parser's words", (text, message) => {
    expect(() => read(text)).toThrow(invalid(`JSON Parse error: ${message}`));
  });

  it("keeps the bytes of text, though they are no UTF-8", () => {
    expect(readJson(Buffer.from([0x5b, 0x22, 0xff, 0xc3, 0x22, 0x5d]))).toEqual([Uint8Array.of(0xff, 0xc3)]);
  });

  it("reads a lone low surrogate as its three bytes", () => {
    expect(element('"\\udc00"')).toEqual(Uint8Array.of(0xed, 0xb0, 0x80));
  });

  it("stops behind the first value and at a zero byte", () => {
    expect(read("[true] trailing }")).toEqual([true]);
    expect(() => read("[true\u0000]")).toThrow("Missing a comma or ']'");
  });

  it("keeps members in order, the first of two with one name found", () => {
    const object = read('{"a":1,"b":2,"a":3}') as JsonObject;
    expect(object).toBeInstanceOf(JsonObject);
    expect(object.members.map(([name]) => name)).toEqual(["a", "b", "a"]);
    expect(object.find("a")).toBe(1n);
  });

  it("reads a nesting that no stack would hold", () => {
    const depth = 200_000;
    expect(() => read("[".repeat(depth) + "]".repeat(depth))).not.toThrow();
  });
});
