import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { toChart } from "./chart.ts";
import { type GroupResult, isMet } from "./finding.ts";
import { toRateTable, toTable } from "./table.ts";

/**
 * Measures this library against its peers and against what the machine can do, group by group, and prints the table.
 *
 *   npm run bench [-- --quick] [-- --only encode,layer]
 *
 * A whole run also renews docs/performance.md and what it shows; `--quick` and `--only` leave their results in
 * .cache/bench. Codecs are measured from src/, which the build bundles as it is; calls with the client in dist/.
 */
const GROUPS = {
  encode: "codec-encode.ts",
  decode: "codec-decode.ts",
  python: "codec-python.ts",
  json: "codec-rest.ts",
  grpc: "round-trip-grpc.ts",
  rest: "round-trip-rest.ts",
  layer: "layer.ts",
  balancing: "balancing.ts",
  memory: "memory.ts",
  batching: "batching.ts",
} as const;

/** A young generation so large that counting the heap of some hundred calls is not cut short by a collection. */
const ROOM_TO_COUNT = ["--min-semi-space-size=128", "--max-semi-space-size=128"];

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const SCRATCH = fileURLToPath(new URL("../../.cache/bench/", import.meta.url));

const quick = process.argv.includes("--quick");
const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1]?.split(",") : undefined;
const unknown = only?.find((name) => !Object.hasOwn(GROUPS, name));
if (unknown !== undefined) throw new Error(`no group "${unknown}"; there are ${Object.keys(GROUPS).join(", ")}`);

const results: GroupResult[] = [];
for (const [name, file] of Object.entries(GROUPS)) {
  if (only !== undefined && !only.includes(name)) continue;
  process.stderr.write(`measuring: ${name}\n`);
  results.push(await runGroup(name, file));
}

const findings = results.flatMap((result) => result.findings);
const rates = results.flatMap((result) => result.rates ?? []);
const absences = results.flatMap((result) => result.absences ?? []);
const machine = describeMachine();
const table = toTable(findings, absences);
const rateTable = toRateTable(rates);
console.log(`\n${machine}\n\n${table}\n\n${rateTable}\n`);
const judged = findings.filter((finding) => finding.goal !== undefined);
console.log(`${judged.filter(isMet).length} of ${judged.length} goals met`);

const whole = !quick && only === undefined;
const folder = whole ? `${DOCS}performance/` : SCRATCH;
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}results.json`, `${JSON.stringify({ machine, findings, rates, absences }, undefined, 2)}\n`);
writeFileSync(`${folder}chart.svg`, toChart(findings, machine));
if (whole) renewPage();

async function runGroup(name: string, file: string): Promise<GroupResult> {
  const execArgv = ["--expose-gc", ...(name === "grpc" ? ROOM_TO_COUNT : [])];
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), process.argv.slice(2), { execArgv });
  const result = once(child, "message").then(([message]) => message as GroupResult);
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0) throw new Error(`the group "${name}" ended with ${status}`);
  return result;
}

/** The kind of machine, no more: figures are to be read as ratios. */
function describeMachine(): string {
  const versionOf = (name: string) => {
    const path = fileURLToPath(new URL(`../../node_modules/${name}/package.json`, import.meta.url));
    return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
  };
  const peers = ["@grpc/grpc-js", "@bufbuild/protobuf", "@grpc/proto-loader", "undici"];
  const versions = peers.map((name) => `${name} ${versionOf(name)}`).join(", ");
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores; ${versions}`;
}

/** Puts the tables between the marks that docs/performance.md has for them. */
function renewPage(): void {
  const path = `${DOCS}performance.md`;
  let page = readFileSync(path, "utf8");
  for (const [name, content] of Object.entries({ machine, findings: table, rates: rateTable })) {
    const part = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`);
    if (!part.test(page)) throw new Error(`docs/performance.md has no place for the ${name}`);
    page = page.replace(part, (_, open: string, close: string) => `${open}\n${content}\n\n${close}`);
  }
  writeFileSync(path, page);
}
