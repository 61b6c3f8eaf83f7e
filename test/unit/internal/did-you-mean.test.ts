import { describe, expect, it } from "vitest";
import { closest, didYouMean } from "../../../src/internal/did-you-mean.ts";

describe("closest", () => {
  it.each([
    ["timeout", ["timeoutMs", "tls"], "timeoutMs"],
    ["signature_name", ["signature", "signatureName"], "signatureName"],
    ["signatur", ["signatureName", "signature"], "signature"],
    ["inptus", ["inputs", "outputs"], "inputs"],
    ["imgae", ["image", "id"], "image"],
    ["retry", ["tls", "auth"], undefined],
    ["a", ["b"], undefined],
    ["x", ["x"], undefined],
    ["", ["a"], undefined],
  ])("%s among %j is %s", (name, candidates, expected) => {
    expect(closest(name, candidates)).toBe(expected);
  });

  it("does not compare names of any length", () => {
    expect(closest("a".repeat(100_000), ["a".repeat(100_001)])).toBeUndefined();
  });
});

describe("didYouMean", () => {
  it("is the end of a message, or nothing", () => {
    expect(didYouMean("timeout", ["timeoutMs"])).toBe('; did you mean "timeoutMs"?');
    expect(didYouMean("retry", ["timeoutMs"])).toBe("");
  });
});
