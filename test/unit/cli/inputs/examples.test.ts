import { describe, expect, it } from "vitest";
import { examplesOf, readExamples } from "../../../../src/cli/inputs/examples.ts";

const read = (text: string) => readExamples(text).examples.map((each) => ({ ...each }));

describe("readExamples", () => {
  it("tells integers from floats by how they are written", () => {
    expect(read('[{"a": 1, "b": 1.0, "c": 1e0, "d": [1, 2], "e": [1, 2.5], "f": "1", "g": {"b64": "AQ=="}}]')).toEqual([
      { a: 1n, b: 1, c: 1, d: [1n, 2n], e: [1, 2.5], f: "1", g: new Uint8Array([1]) },
    ]);
    expect(read('{"a": {"float": [1, 2]}, "b": {"float": 3}, "c": {"int64": 4}}')).toEqual([
      { a: { float: [1, 2] }, b: { float: 3 }, c: { int64: 4n } },
    ]);
  });

  it("reads a list, one object, one a line, and the body of a request", () => {
    expect(read('[{"a": 1.5}, {"a": 2.5}]')).toEqual([{ a: 1.5 }, { a: 2.5 }]);
    expect(read('{"a": 1.5}')).toEqual([{ a: 1.5 }]);
    expect(read('{"a": 1.5}\n\n{"a": 2.5}\n')).toEqual([{ a: 1.5 }, { a: 2.5 }]);
    const body = readExamples('{"signature_name": "s", "context": {"c": 1}, "examples": [{"a": "x"}]}');
    expect([body.examples.map((each) => ({ ...each })), { ...body.context }]).toEqual([[{ a: "x" }], { c: 1n }]);
  });

  it("is not fooled by names every object has", () => {
    expect(readExamples('{"__proto__": 1.5}').examples.map((each) => Object.entries(each))).toEqual([
      [["__proto__", 1.5]],
    ]);
  });

  it.each([
    ["[1]", "example 1 is no object of features"],
    ["[{}, []]", "example 2 is no object of features"],
    ['"text"', "the example is no object of features"],
    ['{"a": 1}\n{"a": 2', "line 2 is not JSON"],
    ['{"a": 1}\n3', "line 2 is no object of features"],
    ['{"examples": [{}], "context": 1}', "the context is no object of features"],
  ])("refuses %s", (text, message) => {
    expect(() => readExamples(text)).toThrow(TypeError);
    expect(() => readExamples(text)).toThrow(message);
  });
});

describe("examplesOf", () => {
  it("wants at least one", () => {
    expect(() => examplesOf({})).toThrow("no examples: give --example or --examples");
    expect(examplesOf({ example: [{ a: 1 }] })).toEqual({ examples: [{ a: 1 }] });
  });
});
