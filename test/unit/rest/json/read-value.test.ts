import { describe, expect, it } from "vitest";
import { JsonReader } from "../../../../src/rest/json/json-reader.ts";
import { type JsonValue, readValue } from "../../../../src/rest/json/read-value.ts";

function read(json: string | Buffer): JsonValue {
  const reader = new JsonReader(Buffer.from(json));
  reader.begin();
  const value = readValue(reader);
  reader.finish();
  return value;
}

describe("readValue", () => {
  it("reads what JSON.parse reads, into objects without a prototype", () => {
    const text = '\ufeff{"a":[1,-2.5e3,true,false,null,"x\\u00e9\\n",{}],"b":{"c":[]}} \n';
    const value = read(text) as Record<string, JsonValue>;
    expect(JSON.parse(JSON.stringify(value))).toEqual(JSON.parse(text.slice(1)));
    expect(Object.getPrototypeOf(value)).toBe(null);
  });

  it("keeps names that objects usually have by themselves", () => {
    const value = read('{"__proto__":1,"constructor":2,"toString":3}') as Record<string, JsonValue>;
    expect(Object.entries(value)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
      ["toString", 3],
    ]);
    expect(({} as Record<string, unknown>)["polluted"]).toBe(undefined);
  });

  it("reads whole numbers beyond 2^53 exactly, and bare NaN", () => {
    expect(read('{"a":9007199254740993,"b":-9223372036854775808,"c":[NaN,-Infinity,Inf]}')).toEqual({
      a: 9007199254740993n,
      b: -(2n ** 63n),
      c: [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    });
  });

  it.each([
    ["", "the body is empty"],
    ["  \n", "the body is empty"],
    ['{"a":1', "byte 6: the body does not end with the brace that closes it"],
    ["[1]", "byte 0: expected an object, found a list"],
    ['{"a":1} {}', "byte 8: there is more behind the end of the object"],
    ['{"a":1,"a":2}', 'byte 7: the key "a" comes twice'],
    ['{"a":1,"b":2,"c":3,"b":4}', 'the key "b" comes twice'],
    ['{"a" 1}', 'expected ":", found a number'],
    ['{"a":1 "b":2}', 'expected "," or "}", found a string'],
    ['{"a":1,}', 'expected a string, found "}"'],
    ['{"a":undefined}', "byte 5: expected a value, found a word that JSON does not have"],
    ["{\"a\":'x'}", "expected a value, found"],
    ['{"a":"x}', "the body ends inside a string"],
    ['{"a":{}', 'byte 7: the body ends, expected "," or "}"'],
    [`{"a":${"[".repeat(100)}${"]".repeat(100)}}`, "nested deeper than 64"],
  ])("refuses %.40s, naming the byte", (json, problem) => {
    expect(() => read(json)).toThrow(problem);
  });

  it("does not overflow the stack on a million open lists", () => {
    expect(() => read(`{"a":${"[".repeat(1_000_000)}}`)).toThrow("nested deeper than 64");
  });

  it("shows no bytes of a payload in what it says", () => {
    expect(() => read('{"secret":"abc" "def"}')).toThrow(/^(?!.*(secret|abc|def)).*$/);
  });
});
