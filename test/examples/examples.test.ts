import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { announced, ROOT, runProgram } from "./run-program.ts";

const FOLDER = join(ROOT, "examples");
/** Files right in the folder, and the main file of each folder that has one. */
const names = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => /^[^/]+\.ts$|^[^/]+\/main\.ts$/.test(name));

describe("examples", () => {
  it("include the one that npm start runs", () => {
    expect(names).toContain("serve-and-predict.ts");
  });

  it("include the story", () => {
    expect(names).toContain("friday-evening/main.ts");
  });

  it.each(names)("%s runs by itself and prints what it says", async (name) => {
    const lines = (await runProgram(join(FOLDER, name))).split("\n");
    expect(lines.join("").trim()).not.toBe("");
    for (const text of announced(readFileSync(join(FOLDER, name), "utf8"))) expect(lines).toContain(text);
  });
});
