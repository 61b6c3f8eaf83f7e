import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { readInput } from "../../../src/cli/read-input.ts";

const read = (argument: string) => ({ ...readInput(argument) });

describe("readInput", () => {
  it("reads a name and JSON", () => {
    expect(read("x=[1, 2.5, -3e2]")).toEqual({ x: [1, 2.5, -300] });
    expect(read('text=["a=b", "c"]')).toEqual({ text: ["a=b", "c"] });
    expect(read("flag=true")).toEqual({ flag: true });
  });

  it("adds to the inputs before it, and lets the last of a name win", () => {
    expect({ ...readInput("b=2", readInput("a=1")) }).toEqual({ a: 1, b: 2 });
    expect({ ...readInput("a=2", readInput("a=1")) }).toEqual({ a: 2 });
  });

  it("keeps every digit of long integers, and leaves fractions and exponents numbers", () => {
    expect(read("id=[9007199254740993, -9223372036854775808, 1]")).toEqual({
      id: [9007199254740993n, -9223372036854775808n, 1],
    });
    expect(read("x=[1234567890123456.5, 1234567890123456e3, 0.1234567890123456]")).toEqual({
      x: [1234567890123456.5, 1234567890123456e3, 0.1234567890123456],
    });
  });

  it("leaves digits in strings alone, quotes in them included", () => {
    const text = 'a \\" 12345678901234567890';
    expect(read(`t=["${text}"]`)).toEqual({ t: ['a " 12345678901234567890'] });
  });

  it("takes b64 objects for bytes", () => {
    expect(read('x=[{"b64": "AAEC"}]')).toEqual({ x: [new Uint8Array([0, 1, 2])] });
  });

  it("is not fooled by names every object has", () => {
    expect(Object.keys(readInput("__proto__=1"))).toEqual(["__proto__"]);
  });

  it.each([
    ["x", "an input is written name=JSON"],
    ["=1", "an input is written name=JSON"],
    ["x=text", "strings need quotes: x='[\"text\"]'"],
    ["x=[1,", 'what stands behind "x=" is not JSON'],
    ["x=null", '"x" is null'],
  ])("refuses %s", (argument, message) => {
    expect(() => readInput(argument)).toThrow(InvalidArgumentError);
    expect(() => readInput(argument)).toThrow(message);
  });
});
