/** Builds dist/ from nothing, so that no file of an earlier build is left in it. tsup.config.ts says how. */
import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const modules = join(root, "node_modules");

rmSync(dist, { recursive: true, force: true });
const tsup = join(modules, "tsup", "dist", "cli-default.js");
const { status } = spawnSync(process.execPath, [tsup, "--silent"], { cwd: root, stdio: "inherit" });
if (status === 0) bundleWireTypes();
else process.exitCode = status ?? 1;

/**
 * The generated messages name the types of the protobuf writer and reader. Their code is bundled, so their
 * declarations have to come along too: an application does not have that package.
 */
function bundleWireTypes() {
  const declarations = join(modules, "@bufbuild", "protobuf", "dist", "esm", "wire", "binary-encoding.d.ts");
  for (const [extension, suffix] of [
    [".d.ts", ".js"],
    [".d.cts", ".cjs"],
  ]) {
    const files = readdirSync(dist).filter((name) => name.endsWith(extension));
    copyFileSync(declarations, join(dist, `protobuf-wire${extension}`));
    for (const file of files) {
      const text = readFileSync(join(dist, file), "utf8");
      const local = text.replaceAll("'@bufbuild/protobuf/wire'", `'./protobuf-wire${suffix}'`);
      if (local !== text) writeFileSync(join(dist, file), local);
    }
  }
}
