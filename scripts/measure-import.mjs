/**
 * How long a cold import takes: each door, beside the two libraries that the wires are built on and beside nothing at
 * all. Every sample is a process of its own; the cases take turns, so that a slow moment of the machine meets all of
 * them. Prints medians.
 *
 *   npm run measure:import [samples]
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const samples = Number(process.argv[2] ?? 15);
const { name, exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const doors = Object.keys(exports)
  .filter((key) => key !== "./package.json")
  .map((key) => name + key.slice(1));

const cases = [
  { title: "nothing", program: "" },
  ...["@grpc/grpc-js", "undici", ...doors].flatMap((specifier) => [
    { title: `import  ${specifier}`, program: `await import(${JSON.stringify(specifier)});` },
    {
      title: `require ${specifier}`,
      program: `(await import("node:module")).createRequire(process.cwd() + "/x.js")(${JSON.stringify(specifier)});`,
    },
  ]),
];
for (const measured of cases) measured.results = [];
for (let sample = 0; sample < samples; sample++) {
  for (const measured of cases) measured.results.push(measure(measured.program));
}

console.log(`medians of ${samples} processes, Node ${process.version}\n`);
console.log("import ms  process ms  RSS MiB");
for (const { title, results } of cases) {
  const column = (key, width) =>
    median(results.map((result) => result[key]))
      .toFixed(1)
      .padStart(width);
  console.log(`${column("importMs", 9)}${column("processMs", 12)}${column("rssMiB", 9)}  ${title}`);
}

function measure(program) {
  const source = `const start = performance.now();${program}
    console.log(JSON.stringify({ importMs: performance.now() - start, rssMiB: process.memoryUsage.rss() / 2 ** 20 }));`;
  const start = performance.now();
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", source], { cwd: root, encoding: "utf8" });
  const processMs = performance.now() - start;
  if (child.status !== 0) throw new Error(child.stderr);
  return { ...JSON.parse(child.stdout), processMs };
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
