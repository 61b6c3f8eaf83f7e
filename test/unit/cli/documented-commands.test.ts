import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DOCUMENT, runDocument, withoutChance } from "./documented-commands.ts";
import { runMain } from "./record-output.ts";

const text = readFileSync(DOCUMENT, "utf8");

describe("docs/command-line.md", () => {
  it("shows what its commands print", async () => {
    expect(withoutChance(await runDocument(text))).toBe(withoutChance(text));
  });

  it("tells of every command", async () => {
    const { out } = await runMain("--help");
    const commands = [...(out.split("Commands:")[1] ?? "").matchAll(/^ {2}([a-z]+) /gm)].map(
      ([, name]) => name as string,
    );
    expect(commands.length).toBeGreaterThan(10);
    for (const name of commands.filter((each) => each !== "help")) expect(text, name).toContain(`tfserving ${name}`);
  });
});
