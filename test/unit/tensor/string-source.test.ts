import { describe, expect, it } from "vitest";
import { decodeText, encodeText, isBytes, isStringSource } from "../../../src/tensor/string-source.ts";

describe("encodeText", () => {
  it.each([
    "",
    "a",
    "\u007f",
    "\u0080",
    "größe",
    "🎉",
    "a".repeat(64),
    "a".repeat(65),
    `${"a".repeat(63)}é`,
    "\ufeffa",
  ])("encodes %j as UTF-8, and decodeText gives it back", (text) => {
    const bytes = encodeText(text);
    expect(bytes).toEqual(new TextEncoder().encode(text));
    expect(decodeText(bytes)).toBe(text);
  });

  it("replaces a lone surrogate", () => {
    expect(decodeText(encodeText("a\ud800b"))).toBe("a\ufffdb");
  });

  it("gives each text memory of its own", () => {
    expect(encodeText("abc").buffer.byteLength).toBe(3);
  });
});

describe("isBytes", () => {
  it("holds for Uint8Array and Buffer, and for nothing else", () => {
    expect([new Uint8Array(1), Buffer.alloc(1)].map(isBytes)).toEqual([true, true]);
    expect([new Uint8ClampedArray(1), new Int8Array(1), [1], "a", null].some(isBytes)).toBe(false);
  });
});

describe("isStringSource", () => {
  it("wants both ways to hand out the elements", () => {
    expect(isStringSource({ toBytes: () => [], toStrings: () => [] })).toBe(true);
    expect([{ toBytes: () => [] }, { toStrings: () => [] }, [], null, "a"].some(isStringSource)).toBe(false);
  });
});
