import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeNpy } from "../../../src/cli/inputs/npy.ts";
import { tensor } from "../../../src/index.ts";
import { createTestServer, echo, halfPlusThree, halfPlusTwo } from "../../../src/testing.ts";
import { runMainWith } from "./record-output.ts";

/**
 * The commands in docs/command-line.md, run: each block marked `console` holds commands behind `$` and what they print.
 *
 *   node test/unit/cli/documented-commands.ts        writes into the document what they print now
 */
export const DOCUMENT = fileURLToPath(new URL("../../../docs/command-line.md", import.meta.url));

/** The document with what its commands print now. */
export async function runDocument(text: string): Promise<string> {
  const server = await createTestServer({
    models: { half_plus_two: halfPlusTwo, half_plus_three: halfPlusThree, echo },
  });
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "tfserving-docs-"));
  process.chdir(folder);
  try {
    writeFiles();
    const blocks = text.split(/(?<=^```console\n)|(?=^```$)/m);
    for (const [index, block] of blocks.entries()) {
      if (!blocks[index - 1]?.endsWith("```console\n")) continue;
      const commands = block.split("\n").filter((line) => line.startsWith("$ "));
      const outputs: string[] = [];
      for (const command of commands) outputs.push(`${command}\n${await runCommand(command, server)}`);
      blocks[index] = outputs.join("");
    }
    return blocks.join("");
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
    await server.close();
  }
}

function writeFiles(): void {
  writeFileSync("x.npy", writeNpy(tensor.float32([1, 2, 5])));
  writeFileSync("models.config", 'model_config_list {\n  config { name: "ranker" base_path: "models/ranker" }\n}\n');
  writeFileSync("now.json", JSON.stringify({ models: [{ name: "ranker", basePath: "/models/ranker" }] }));
  writeFileSync("settings.json", JSON.stringify({ model: "ranker", timeoutMs: "5s" }));
  writeFileSync("tfserving.config.json", JSON.stringify({ model: "half_plus_two" }));
}

interface Addresses {
  readonly grpcAddress: string;
  readonly restAddress: string;
}

async function runCommand(command: string, { grpcAddress, restAddress }: Addresses): Promise<string> {
  const names = [
    ["grpc://localhost:8500", grpcAddress],
    ["http://localhost:8501", restAddress],
  ] as const;
  const args = wordsOf(command.slice("$ tfserving ".length)).map((word) =>
    names.reduce((text, [name, real]) => text.replaceAll(name, real), word),
  );
  const { out, complaints, code } = await runMainWith({ TFS_ADDRESS: restAddress }, ...args);
  const printed = [out, complaints, code === 0 ? "" : `(exit code ${code})`].filter((text) => text !== "").join("\n");
  return `${names.reduce((text, [name, real]) => text.replaceAll(real, name), printed)}\n`;
}

/** Words as a shell splits them: by blanks, but for those in quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"),
  );
}

/** A text without what no two runs have in common: times, and where lines are broken because of them. */
export function withoutChance(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
    .replace(/\s+/g, " ")
    .replace(/\d+(\.\d+)? m?s\b/g, "N ms")
    .replace(/("(?:waitedMs|ageMs|observedValue)":)\d+(\.\d+)?/g, "$1N");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(DOCUMENT, await runDocument(readFileSync(DOCUMENT, "utf8")));
}
