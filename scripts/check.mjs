/**
 * Everything that must hold before a change goes in, in the order in which it is cheapest to find out. All of it runs
 * even when a step fails; the last line counts tests and steps together.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "tfserving-check-"));
const counts = { passed: 0, failed: 0 };
const failures = [];

step("format and lint", "@biomejs/biome/bin/biome", ["check", "."]);
step("generated code is up to date", join(root, "scripts", "generate.mjs"), ["--check"]);
step("build", join(root, "scripts", "build.mjs"), []);
step("public surface is as reviewed", join(root, "scripts", "surface.mjs"), ["--check"]);
step("types", "typescript/bin/tsc", ["-p", "tsconfig.json"]);
tests("source");
// After the rest, not beside it: these install packages and start processes, which would slow the others' timers.
tests("examples");
tests("package");

rmSync(scratch, { recursive: true, force: true });
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function step(name, script, scriptArguments) {
  const ok = run(name, script, scriptArguments);
  counts[ok ? "passed" : "failed"] += 1;
  if (!ok) failures.push(name);
}

/** Runs one vitest project. A run that ends badly without a failed test (a crash, an open handle) counts as one. */
function tests(project) {
  const report = join(scratch, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const ok = run(`${project} tests`, "vitest/vitest.mjs", ["run", "--project", project, ...reporters]);
  const { passed, failed } = readCounts(report);
  counts.passed += passed;
  counts.failed += failed;
  if (!ok) {
    failures.push(`${project} tests`);
    if (failed === 0) counts.failed += 1;
  }
}

function readCounts(report) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

function run(name, script, scriptArguments) {
  console.log(`\n[check] ${name}`);
  const started = performance.now();
  const path = script.startsWith(root) ? script : join(root, "node_modules", script);
  const { status } = spawnSync(process.execPath, [path, ...scriptArguments], { cwd: root, stdio: "inherit" });
  console.log(`[check] ${name}: ${status === 0 ? "ok" : "FAILED"}, ${Math.round(performance.now() - started)} ms`);
  return status === 0;
}
