import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

describe("ConfigRule", () => {
  it("has a row for each of its rules in docs/config.md, and no other", () => {
    const rules = [...read("src/config/config-problem.ts").matchAll(/^ {2}\| "([\w-]+)"/gm)].map(([, rule]) => rule);
    const rows = [...read("docs/config.md").matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) +\| (?:error|warning)/gm)];
    const explained = rows.flatMap(([, names = ""]) => names.split(", ").map((name) => name.replaceAll("`", "")));
    expect(rules.length).toBeGreaterThan(30);
    expect(explained.sort()).toEqual(rules.sort());
  });
});
