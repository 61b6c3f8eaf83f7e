import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { MAX_MS } from "./judge.ts";
import { MAX_INPUT_BYTES } from "./mutate.ts";
import type { Report, WorkerData } from "./worker.ts";

/**
 * Feeds every reader of what others wrote (replies, pages of metrics, configuration and warm-up files) with what a broken
 * or hostile one might hold, for as long as told.
 *
 *   npm run fuzz [-- --seconds 600] [-- --seed 1] [-- --target rest-predict,metrics-page]
 *
 * The reading is done by a worker, so that an input which never comes back is noticed from outside. An input that is
 * not handled as it should be is written to test/fixtures/fuzz/, where the short run in `npm test` finds it again.
 */
const { values } = parseArgs({
  options: { seconds: { type: "string" }, seed: { type: "string" }, target: { type: "string" } },
});
const seconds = Number(values.seconds ?? 60);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (!(seconds > 0) || !Number.isInteger(seed)) throw new TypeError("--seconds and --seed take numbers");

/** Far above what a reader may take, since the machine may be busy. */
const HANG_MS = 20 * MAX_MS;
const FIXTURES = new URL("../fixtures/fuzz/", import.meta.url);

// Of the input that is being read: when it began (0 while there is none), its length, and behind them its bytes.
const shared = new SharedArrayBuffer(16 + MAX_INPUT_BYTES);
const clock = new Float64Array(shared, 0, 1);
const length = new Int32Array(shared, 8, 1);

const data: WorkerData = { shared, seconds, seed, target: values.target };
const worker = new Worker(new URL("worker.ts", import.meta.url), {
  workerData: data,
  // A young generation so large that a collection means a balloon, and an old one that a balloon does not fit in.
  resourceLimits: { maxYoungGenerationSizeMb: 192, maxOldGenerationSizeMb: 1024 },
});

const watch = setInterval(() => {
  const startedAt = clock[0] as number;
  if (startedAt === 0 || performance.timeOrigin + performance.now() - startedAt < HANG_MS) return;
  keep("hang", Buffer.from(new Uint8Array(shared, 16, length[0])), `has not come back for ${HANG_MS} ms`);
  void worker.terminate();
  process.exitCode = 1;
}, 500);

process.stderr.write(`seed ${seed}, ${seconds} s\n`);
worker.on("message", (report: Report) => {
  for (const { target, inputs, outcomes } of report.targets) {
    console.log(`${target.padEnd(24)} ${String(inputs).padStart(10)} inputs, ${outcomes} outcomes`);
  }
  const inputs = report.targets.reduce((sum, target) => sum + target.inputs, 0);
  console.log(`${inputs} inputs in ${seconds} s, seed ${seed}: ${report.findings.length} problems`);
  for (const { target, problem, input } of report.findings) keep(target, Buffer.from(input), problem);
  if (report.findings.length > 0) process.exitCode = 1;
});
worker.on("error", (error) => {
  // Out of memory, or a mistake in here. The input lies in the shared memory still.
  keep("crash", Buffer.from(new Uint8Array(shared, 16, length[0])), String(error));
  process.exitCode = 1;
});
worker.on("exit", () => clearInterval(watch));

function keep(target: string, input: Buffer, problem: string): void {
  mkdirSync(FIXTURES, { recursive: true });
  const name = `${target}-${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`;
  writeFileSync(new URL(name, FIXTURES), input);
  console.error(`${target} ${problem}\n  test/fixtures/fuzz/${name} (${input.length} bytes)`);
}
