// Makes generated/: messages from protos/ with buf and ts-proto, the page of reports from src/cli/report/page/ with
// esbuild, kernels from kernels/ with AssemblyScript, all from node_modules: no network, no protoc. With --check nothing
// is written: exits 1 and shows the difference if generated/ is not what would be made.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeKernels } from "./kernels.mjs";
import { writeReportPage } from "./report-page.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = join(root, "generated");
const fresh = mkdtempSync(join(tmpdir(), "tfserving-generate-"));

try {
  execFileSync(join(root, "node_modules/.bin/buf"), ["generate", "--output", fresh], { cwd: root, stdio: "inherit" });
  await writeReportPage(fresh);
  await writeKernels(fresh);
  if (process.argv.includes("--check")) {
    const diff = spawnSync("diff", ["--recursive", "--unified", "--new-file", generated, fresh], { encoding: "utf8" });
    if (diff.error) throw diff.error;
    if (diff.status !== 0) {
      process.stdout.write(diff.stdout);
      process.stderr.write(`${diff.stderr}generated/ is not what would be made: run \`npm run generate\`\n`);
      process.exitCode = 1;
    }
  } else {
    rmSync(generated, { recursive: true, force: true });
    cpSync(fresh, generated, { recursive: true });
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
