import { describe, expect, it } from "vitest";
import { toJson } from "../../../src/cli/json-text.ts";

describe("toJson", () => {
  it("writes bigints as numbers while they are exact, else as strings", () => {
    expect(toJson([1n, 9007199254740991n, 9007199254740993n])).toBe('[1,9007199254740991,"9007199254740993"]');
  });

  it("does not make null of numbers that are not finite", () => {
    expect(toJson([Number.NaN, Number.NEGATIVE_INFINITY])).toBe('["NaN","-Infinity"]');
  });

  it("writes bytes as text where they are UTF-8, else as base64", () => {
    expect(toJson([new TextEncoder().encode("grün"), new Uint8Array([0xff, 0])])).toBe('["grün",{"b64":"/wA="}]');
  });

  it("writes a Buffer like any other bytes", () => {
    expect(toJson({ a: Buffer.from("x") })).toBe('{"a":"x"}');
  });

  it("lets nothing through that steers a terminal, and keeps the value", () => {
    const text = "\u001b[2J\u009b2J\u007f\u202ereversed\u2028\u2066";
    expect(toJson({ text })).toBe('{"text":"\\u001b[2J\\u009b2J\\u007f\\u202ereversed\\u2028\\u2066"}');
    expect(JSON.parse(toJson({ text }))).toEqual({ text });
  });
});
