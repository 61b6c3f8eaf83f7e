/**
 * What an installation of this package takes: its own files, and its dependencies with theirs. Prints a table.
 *
 *   npm run measure:size
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const npmOptions = { cwd: root, encoding: "utf8", shell: process.platform === "win32" };
const [packed] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--ignore-scripts", "--json"], npmOptions));

console.log("own files, KiB");
for (const { path, size } of packed.files.sort((a, b) => b.size - a.size)) row(path, size);
row("sum, unpacked", packed.unpackedSize);
row("sum, as downloaded", packed.size);

console.log("\ndependencies, KiB");
let total = packed.unpackedSize;
const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const counted = new Set();
for (const name of Object.keys(dependencies)) {
  const before = counted.size;
  const bytes = sizeWithDependencies(name, root);
  total += bytes;
  row(`${name} (${counted.size - before} packages)`, bytes);
}
row(`all that is installed (${counted.size + 1} packages)`, total);

/** A package and what it needs that was not counted yet, found the way Node finds it. */
function sizeWithDependencies(name, from) {
  const folder = findPackage(name, from);
  if (folder === undefined || counted.has(folder)) return 0;
  counted.add(folder);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const needed = Object.keys(manifest.dependencies ?? {});
  return folderSize(folder) + needed.reduce((sum, needs) => sum + sizeWithDependencies(needs, folder), 0);
}

function findPackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

function folderSize(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return sum + statSync(path).size;
    return basename(path) === "node_modules" ? sum : sum + folderSize(path);
  }, 0);
}

function row(name, bytes) {
  console.log(`${(bytes / 1024).toFixed(1).padStart(10)}  ${name}`);
}
