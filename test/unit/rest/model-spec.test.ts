import { describe, expect, it } from "vitest";
import { toModelPath, toServedModel, toVersion } from "../../../src/rest/model-spec.ts";

describe("toModelPath", () => {
  it.each([
    [{ model: "half_plus_two" }, "/models/half_plus_two"],
    [{ model: "m", version: 0 }, "/models/m/versions/0"],
    [{ model: "m", version: 2n ** 63n - 1n }, "/models/m/versions/9223372036854775807"],
    [{ model: "m", versionLabel: "canary" }, "/models/m/labels/canary"],
    [{ model: "a/b:c?d#e f+g%" }, "/models/a%2Fb%3Ac%3Fd%23e%20f%2Bg%25"],
    [{ model: "入力" }, "/models/%E5%85%A5%E5%8A%9B"],
    [{ model: "m", versionLabel: "a/b" }, "/models/m/labels/a%2Fb"],
    [{ model: "..." }, "/models/..."],
    [{ model: "v1.2" }, "/models/v1.2"],
  ])("encodes %o", (choice, path) => {
    expect(toModelPath(choice)).toBe(path);
  });

  it.each([
    [{ model: "" }, "model: expected a name, it is empty"],
    [{ model: "." }, 'model "." would change the path'],
    [{ model: ".." }, 'model ".." would change the path'],
    [{ model: "a/../b" }, 'model "a/../b" would change the path'],
    [{ model: "a\\..\\b" }, "would change the path"],
    [{ model: "a\nb" }, "has a control character at position 1"],
    [{ model: "a\0" }, "has a control character at position 1"],
    [{ model: "é".repeat(129) }, "takes 258 bytes, at most 256 are allowed"],
    [{ model: "a\ud800" }, "holds half of a surrogate pair"],
    [{ model: "m", versionLabel: ".." }, 'versionLabel ".." would change the path'],
    [{ model: "m", versionLabel: "" }, "versionLabel: expected a name"],
    [{ model: "m", version: -1 }, "version -1: expected a whole number from 0 to 2^63-1"],
    [{ model: "m", version: 1.5 }, "version 1.5: expected a whole number"],
    [{ model: "m", version: 2n ** 63n }, "version 9223372036854775808: expected"],
    [{ model: "m", version: 2 ** 53 }, "version 9007199254740992: expected"],
  ])("refuses %o", (choice, problem) => {
    expect(() => toModelPath(choice)).toThrow(problem);
  });

  it("refuses a version together with a label", () => {
    const both = { model: "m", version: 1, versionLabel: "x" } as never;
    expect(() => toModelPath(both)).toThrow("version and versionLabel exclude each other");
  });
});

describe("toVersion", () => {
  it("gives a number while that is exact, a bigint beyond", () => {
    expect(toVersion(2n ** 53n - 1n)).toBe(2 ** 53 - 1);
    expect(toVersion(2n ** 53n)).toBe(2n ** 53n);
  });
});

describe("toServedModel", () => {
  it("claims no version that was not asked for", () => {
    expect(toServedModel({ model: "m", versionLabel: "x" })).toEqual({ name: "m" });
    expect(toServedModel({ model: "m", version: 2n })).toEqual({ name: "m", version: 2 });
  });
});
