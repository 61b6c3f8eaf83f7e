/** Builds dist/ from nothing, so that no file of an earlier build is left in it. tsup.config.ts says how. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { finishDeclarations } from "./build/declarations.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const tsup = join(root, "node_modules", "tsup", "dist", "cli-default.js");
const { status } = spawnSync(process.execPath, [tsup, "--silent"], { cwd: root, stdio: "inherit" });
if (status === 0) finishDeclarations(dist);
else process.exitCode = status ?? 1;
