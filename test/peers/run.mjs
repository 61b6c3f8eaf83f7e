// Runs the tests of this folder against programs that other people wrote, in Python and in JavaScript. Installs each into a
// folder of its own under .cache/peers (once, the TensorFlow one is 2 GB) and leaves out, saying so, the tests of
// a peer that cannot be had. With PEERS_REQUIRED=1 a missing peer is a failure. PEERS_PYTHON names the Python to use.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const INSTALL_TIMEOUT_MS = 10 * 60_000;
const MINUTES = INSTALL_TIMEOUT_MS / 60_000;

/** The versions are those that README.md speaks of. */
const PEERS = [
  { name: "protobuf", packages: ["protobuf==7.36.2"], tests: ["protobuf", "text-format"] },
  {
    name: "tensorflow",
    packages: ["tensorflow-cpu==2.21.0", "tensorflow-serving-api==2.21.0", "protobuf==7.36.2"],
    tests: ["serving-api", "tensorflow", "guesslang", "batching", "warm-up"],
  },
  { name: "pythie", packages: ["pythie-serving==3.4.3"], tests: ["pythie"] },
  { name: "kserve", packages: ["kserve==0.21.0"], tests: ["kserve"] },
  {
    name: "frameworks",
    modules: ["express@5.3.0", "fastify@5.12.8", "hono@4.13.19", "@hono/node-server@2.1.8"],
    tests: ["frameworks"],
  },
];

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(root, ".cache/peers");
const python = process.env.PEERS_PYTHON ?? "python3";

/** Why a peer cannot be had, or undefined when it is there. */
function install({ name, packages, modules }) {
  const folder = join(cache, name);
  const stamp = join(folder, "installed.txt");
  const wanted = (packages ?? modules).join("\n");
  const whole = existsSync(stamp) && existsSync(join(folder, packages ? "bin/python" : "node_modules"));
  if (whole && readFileSync(stamp, "utf8") === wanted) return undefined;

  process.stdout.write(`peers: installing ${wanted.replaceAll("\n", ", ")}\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const steps = packages
    ? [
        [python, ["-m", "venv", folder]],
        [join(folder, "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]],
      ]
    : [["npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", ...modules]]];
  for (const [command, args] of steps) {
    const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: INSTALL_TIMEOUT_MS });
    if (error?.code === "ETIMEDOUT") return `not installed within ${MINUTES} minutes`;
    if (error) return error.code === "ENOENT" ? `there is no ${command}` : error.message;
    if (status !== 0) return stderr.trim().split("\n").at(-1) || `${command} ended with ${status}`;
  }
  writeFileSync(stamp, wanted);
  return undefined;
}

const missing = [];
const tests = [];
const env = { ...process.env };
for (const peer of PEERS) {
  const reason = install(peer);
  if (reason === undefined) {
    const where = `PEERS_${peer.name.toUpperCase()}`;
    if (peer.packages) env[`${where}_PYTHON`] = join(cache, peer.name, "bin/python");
    else env[`${where}_FOLDER`] = join(cache, peer.name);
    tests.push(...peer.tests.map((test) => `test/peers/${test}.test.ts`));
  } else {
    missing.push(`peers: ${peer.name} skipped, its tests did not run (${peer.tests.join(", ")}): ${reason}\n`);
  }
}

let status = 0;
if (tests.length > 0) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "--config", "test/peers/vitest.config.ts", ...tests];
  status = spawnSync(process.execPath, args, { cwd: root, env, stdio: "inherit" }).status ?? 1;
}
for (const message of missing) process.stderr.write(message);
if (missing.length > 0 && process.env.PEERS_REQUIRED === "1") status ||= 1;
process.exitCode = status;
