/**
 * How long the command line takes from cold start to verdict, beside a Node.js that does nothing. Every sample is a
 * process of its own, asking a test server in another one; the cases take turns, so that a slow moment of the machine
 * meets all of them. Prints medians and p95, and ends with 1 when a health check is over its limit.
 *
 *   node scripts/setup.mjs --build -- scripts/measure-cli.mjs [samples]
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const samples = Number(process.argv[2] ?? 40);
/** Of `tfserving health` at its default level: a prediction, judged. */
const LIMIT_MS = 400;

const server = spawn(process.execPath, [cli, "serve", "--grpc-port", "0", "--rest-port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const addresses = await firstLines(server.stdout, 2);

const cases = [
  { title: "node --eval 0", args: ["--eval", "0"] },
  { title: "tfserving --version", args: [cli, "--version"] },
  ...addresses.flatMap((address) => {
    const wire = new URL(address).protocol === "grpc:" ? "gRPC" : "REST";
    return ["health", "status"].map((command) => ({
      title: `tfserving ${command}, ${wire}`,
      args: [cli, command, address, "-m", "half_plus_two"],
      limitMs: command === "health" ? LIMIT_MS : undefined,
    }));
  }),
];
for (const measured of cases) measured.results = [];
try {
  for (let sample = 0; sample < samples; sample++) {
    for (const measured of cases) measured.results.push(measure(measured.args));
  }
} finally {
  server.kill("SIGTERM");
  await once(server, "exit");
}

console.log(`${samples} processes each, Node ${process.version}, load ${loadavg()[0].toFixed(1)}\n`);
console.log("   p50 ms   p95 ms");
for (const { title, results, limitMs = Number.POSITIVE_INFINITY } of cases) {
  const sorted = results.toSorted((a, b) => a - b);
  const [p50, p95] = [0.5, 0.95].map((share) => sorted[Math.ceil(share * sorted.length) - 1]);
  const verdict = p95 <= limitMs ? "" : `  over ${limitMs} ms`;
  if (verdict !== "") process.exitCode = 1;
  console.log(`${p50.toFixed(0).padStart(9)}${p95.toFixed(0).padStart(9)}  ${title}${verdict}`);
}

function measure(args) {
  const start = performance.now();
  const child = spawnSync(process.execPath, args, { encoding: "utf8" });
  const ms = performance.now() - start;
  if (child.status !== 0)
    throw new Error(`${args.join(" ")} ended with ${child.status}\n${child.stdout}${child.stderr}`);
  return ms;
}

/** The server prints a line a listener. */
async function firstLines(stream, count) {
  let text = "";
  for await (const piece of stream.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    text += piece;
    if (text.split("\n").length > count) return text.split("\n").slice(0, count);
  }
  throw new Error("the server ended before it listened");
}
