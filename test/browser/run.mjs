// Looks at the HTML reports in a real browser: Chromium, from CHROMIUM or the PATH. Fails when there is none.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const root = fileURLToPath(new URL("../..", import.meta.url));
const chromium = process.env.CHROMIUM ?? findInPath();
if (chromium === undefined) {
  console.error(`browser: no ${NAMES.join(", ")} in the PATH; CHROMIUM=/path/to/it names another one`);
  process.exit(1);
}
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const args = [vitest, "run", "--config", "test/browser/vitest.config.ts", ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, {
  cwd: root,
  env: { ...process.env, CHROMIUM: chromium },
  stdio: "inherit",
});
process.exitCode = status ?? 1;

function findInPath() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
