import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, type Plugin } from "esbuild";
import { toChart } from "./chart.ts";
import { type GroupResult, isMet } from "./finding.ts";
import { toRateTable, toTable } from "./table.ts";

/**
 * Measures this library against its peers and against what the machine can do, group by group, and prints the table.
 *
 *   npm run bench [-- --quick] [-- --only encode,layer] [-- --node path/to/another/node]
 *
 * A whole run also renews docs/performance.md and what it shows for that Node; `--quick` and `--only` leave their
 * results in .cache/bench. Calls are measured with the client in dist/; codecs, which no door exports, from src/, made
 * into one file by the same bundler.
 */
const GROUPS = {
  encode: "codec-encode.ts",
  decode: "codec-decode.ts",
  python: "codec-python.ts",
  json: "codec-rest.ts",
  grpc: "round-trip-grpc.ts",
  heap: "heap-grpc.ts",
  rest: "round-trip-rest.ts",
  layer: "layer.ts",
  balancing: "balancing.ts",
  memory: "memory.ts",
  batching: "batching.ts",
  score: "score.ts",
} as const;

/** What groups start in further processes. */
const PROGRAMS = ["server.ts", "memory-child.ts", "model-server.ts", "score-server.ts", "score-by-hand.ts"];

/** A young generation so large that counting the heap of some hundred calls is not cut short by a collection. */
const ROOM_TO_COUNT = ["--min-semi-space-size=128", "--max-semi-space-size=128"];

/** `tfserving` is the copy of dist/, `tfserving/grpc` a door of it. */
const builtClient: Plugin = {
  name: "built-client",
  setup({ onResolve }) {
    onResolve({ filter: /^tfserving(\/|$)/ }, ({ path }) => ({
      path: `./dist/${path === "tfserving" ? "index" : path.slice("tfserving/".length)}.js`,
      external: true,
    }));
  },
};

const HERE = fileURLToPath(new URL(".", import.meta.url));
const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const SCRATCH = fileURLToPath(new URL("../../.cache/bench/", import.meta.url));

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, node: { type: "string" } },
});
const { quick = false, node = process.execPath } = values;
const only = values.only?.split(",");
const unknown = only?.find((name) => !Object.hasOwn(GROUPS, name));
if (unknown !== undefined) throw new Error(`no group "${unknown}"; there are ${Object.keys(GROUPS).join(", ")}`);

const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
const major = /^v(\d+)/.exec(version)![1]!;
await bundle();

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
writeFileSync(
  `${folder}node${major}.json`,
  `${JSON.stringify({ machine, findings, rates, absences }, undefined, 2)}\n`,
);
writeFileSync(`${folder}node${major}.svg`, toChart(findings, machine));
if (whole) renewPage();

/**
 * Every group, and what groups start, as one file each for a Node that may not know TypeScript. The built client is
 * copied beside them, since a build that comes in between would take it away.
 */
async function bundle(): Promise<void> {
  cpSync(DIST, `${SCRATCH}dist`, { recursive: true });
  await build({
    entryPoints: [...Object.values(GROUPS), ...PROGRAMS].map((file) => `${HERE}${file}`),
    outdir: SCRATCH,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.18",
    external: ["@grpc/*", "undici"],
    plugins: [builtClient],
    logLevel: "warning",
  });
}

async function runGroup(name: string, file: string): Promise<GroupResult> {
  const child = fork(`${SCRATCH}${file.replace(/ts$/, "mjs")}`, quick ? ["--quick"] : [], {
    execPath: node,
    execArgv: ["--expose-gc", ...(name === "heap" ? ROOM_TO_COUNT : [])],
  });
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
  return `Node ${version}, ${process.platform} ${process.arch}, ${cpus().length} cores; ${versions}`;
}

/** Puts the tables between the marks that docs/performance.md has for them. */
function renewPage(): void {
  const path = `${DOCS}performance.md`;
  let page = readFileSync(path, "utf8");
  const parts = { machine, findings: table, rates: rateTable };
  for (const [kind, content] of Object.entries(parts)) {
    const name = `${kind} node${major}`;
    const place = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`);
    if (!place.test(page)) throw new Error(`docs/performance.md has no place for the ${name}`);
    page = page.replace(place, (_, open: string, close: string) => `${open}\n${content}\n\n${close}`);
  }
  writeFileSync(path, page);
}
