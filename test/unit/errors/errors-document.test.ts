import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CODE_NUMBERS } from "../../../src/errors/code.ts";

const TEXT = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const VECTORS: readonly { readonly name: string; readonly error: { readonly code: string; readonly kind: string } }[] =
  JSON.parse(readFileSync(new URL("../../fixtures/retry-vectors.json", import.meta.url), "utf8"));

/** The kinds that the table "Code by code" has for each code. */
const KINDS_OF = new Map<string, Set<string>>();
let kinds = new Set<string>();
for (const [, how = "", kind = ""] of TEXT.slice(TEXT.indexOf("## Code by code")).matchAll(/^\|([^|]*)\|([^|]*)\|/gm)) {
  const code = /\*\*([A-Z_]+)\*\*/.exec(how)?.[1];
  if (code !== undefined) {
    kinds = KINDS_OF.get(code) ?? new Set();
    KINDS_OF.set(code, kinds);
  }
  for (const [, name = ""] of kind.matchAll(/`(\w+)`/g)) kinds.add(name);
}

describe("docs/errors.md", () => {
  it("has each code", () => {
    expect([...KINDS_OF.keys()].sort()).toEqual(
      Object.keys(CODE_NUMBERS)
        .filter((code) => code !== "OK")
        .sort(),
    );
  });

  it("has each kind, in the list and in the table", () => {
    const listed = [...TEXT.slice(TEXT.indexOf("## Kinds")).matchAll(/^\| `(\w+)` /gm)].map(([, kind]) => kind);
    expect(new Set([...KINDS_OF.values()].flatMap((each) => [...each]))).toEqual(new Set(listed));
  });

  it("has the code and kind of each failure that the wires are tried with", () => {
    const missing = VECTORS.filter(({ error: { code, kind } }) => !KINDS_OF.get(code)?.has(kind));
    expect(missing.map(({ name, error }) => `${name}: ${error.code} ${error.kind}`)).toEqual([]);
  });
});
