import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const generated = join(root, "generated");
const modules = readdirSync(generated, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));

describe("generated/", () => {
  it("is what the protos make", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/generate.mjs", "--check"], {
      cwd: root,
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  it("imports nothing but itself and the wire format", () => {
    const imports = modules.flatMap((path) =>
      [...readFileSync(join(generated, path), "utf8").matchAll(/ from "(.*)";$/gm)].map((match) => match[1]!),
    );
    expect(imports).not.toEqual([]);
    expect(new Set(imports.filter((specifier) => !specifier.startsWith(".")))).toEqual(
      new Set(["@bufbuild/protobuf/wire"]),
    );
  });
});
