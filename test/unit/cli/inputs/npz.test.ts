import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readNpz } from "../../../../src/cli/inputs/npz.ts";

/** Written by numpy itself. */
const { archives } = JSON.parse(readFileSync(new URL("../../../fixtures/numpy.json", import.meta.url), "utf8")) as {
  readonly archives: Readonly<Record<string, string>>;
};

describe("readNpz", () => {
  it.each(Object.keys(archives))("reads what numpy.%s writes", (name) => {
    const arrays = readNpz(Buffer.from(archives[name] as string, "base64"));
    expect(Object.keys(arrays)).toEqual(["x", "two words"]);
    expect(arrays["x"]?.toNested()).toEqual([1, 2]);
    expect(arrays["two words"]?.shape).toEqual([1]);
  });

  it.each(Object.keys(archives))("throws TypeError for any cut and for any byte that is wrong: %s", (name) => {
    const whole = Buffer.from(archives[name] as string, "base64");
    for (let at = 0; at < whole.length; at++) {
      for (const broken of [whole.subarray(0, at), Buffer.from(whole).fill(whole[at]! ^ 0xff, at, at + 1)]) {
        try {
          readNpz(broken);
        } catch (error) {
          expect(error, String(at)).toBeInstanceOf(TypeError);
        }
      }
    }
  });

  it("takes out no more than an entry promises", () => {
    const file = Buffer.from(archives["savez_compressed"] as string, "base64");
    const entry = file.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
    file.writeUInt32LE(10, entry + 24);
    expect(() => readNpz(file)).toThrow(/array "x\.npy": .*10/);
  });
});
