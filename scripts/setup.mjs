/**
 * Makes a fresh clone ready, then runs one program with the Node that this repository pins.
 *
 *   node scripts/setup.mjs [--build] -- program.mjs [arguments]
 *
 * Needs nothing but Node 20.19 or newer and npm: dependencies are installed when node_modules is missing or older than the lock
 * file, and with --build dist/ is built when it is missing or older than what it is built from.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest Node.js whose npm installs the tools: the test runner's own parts ask for it. */
const OLDEST = [20, 19];

const root = fileURLToPath(new URL("..", import.meta.url));
const pinnedNode = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

const separator = process.argv.indexOf("--");
const flags = process.argv.slice(2, separator === -1 ? undefined : separator);
const command = separator === -1 ? [] : process.argv.slice(separator + 1);

install();
if (flags.includes("--build")) build();
run(command);

/** `npm ci`, unless what is installed is at least as new as the lock file. */
function install() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    fail(`this repository is set up with Node.js ${OLDEST.join(".")} or newer, this is ${process.version}`);
  }
  const installed = modifiedMs(join(root, "node_modules", ".package-lock.json"));
  if (installed < modifiedMs(join(root, "package-lock.json"))) {
    mustSucceed("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], "installing dependencies");
  }
  // The pinned Node comes from an install script; where scripts were held back, it is asked for once by name.
  if (!existsSync(pinnedNode)) {
    mustSucceed("npm", ["rebuild", "node", "--ignore-scripts=false"], "fetching the pinned Node");
  }
  if (!existsSync(pinnedNode)) {
    fail("the pinned Node is not there: node_modules/node/bin is made by an install script, are they switched off?");
  }
}

function build() {
  const sources = [
    "src",
    "generated",
    "scripts/build.mjs",
    "scripts/build",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsup.config.ts",
  ];
  const newest = Math.max(...sources.map((path) => newestMs(join(root, path))));
  const built = readdirIfThere(join(root, "dist")).filter((name) => name.endsWith(".d.ts"));
  const oldest = Math.min(...built.map((name) => modifiedMs(join(root, "dist", name))));
  if (built.length > 0 && oldest >= newest) return;
  mustSucceed(pinnedNode, [join(root, "scripts", "build.mjs")], "building dist/");
}

function run([program, ...programArguments]) {
  if (program === undefined) return;
  const child = spawn(pinnedNode, [program, ...programArguments], { cwd: root, stdio: "inherit", env: environment() });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
  });
}

function mustSucceed(program, programArguments, purpose) {
  console.error(`[setup] ${purpose}`);
  const options = { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: environment() };
  // npm is a script of the shell's on Windows, and has to be run by it.
  const { status, error } = spawnSync(program, programArguments, { ...options, shell: process.platform === "win32" });
  if (status !== 0) fail(`${purpose} failed: ${error?.message ?? `exit code ${status}`}`);
}

/** The pinned Node first, so that tools started further down use it too. */
function environment() {
  const first = [join(root, "node_modules", "node", "bin"), join(root, "node_modules", ".bin")];
  return { ...process.env, PATH: [...(existsSync(pinnedNode) ? first : []), process.env.PATH].join(delimiter) };
}

function modifiedMs(path) {
  return existsSync(path) ? statSync(path).mtimeMs : Number.NEGATIVE_INFINITY;
}

/** The latest change of a file, or of anything in a folder. */
function newestMs(path) {
  if (!existsSync(path) || !statSync(path).isDirectory()) return modifiedMs(path);
  return Math.max(modifiedMs(path), ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

function readdirIfThere(path) {
  return existsSync(path) ? readdirSync(path) : [];
}

function fail(message) {
  console.error(`[setup] ${message}`);
  process.exit(1);
}
