import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atMost, type Finding, type GroupResult } from "./finding.ts";
import { QUICK, report } from "./group.ts";
import { sibling } from "./sibling.ts";
import { randomFloats } from "./tensors.ts";

const ROWS = QUICK ? 100_000 : 1_000_000;
const LEVEL_BYTES = 150e6;
/** The built program beside a bundle, the source beside the source. */
const CLI = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../src/cli.ts" : "dist/cli.js", import.meta.url),
);

interface Run {
  readonly perRowNs: number;
  /** Resident memory, some times a second; empty where the system does not tell. */
  readonly rss: readonly number[];
}

async function measure(): Promise<GroupResult> {
  const folder = await mkdtemp(join(tmpdir(), "tfserving-bench-"));
  const server = fork(sibling("score-server"), { execArgv: [] });
  const [{ address }] = (await once(server, "message")) as [{ address: string }];
  const input = join(folder, "rows.ndjson");
  await writeRows(input);
  const [mine, theirs] = [join(folder, "score.ndjson"), join(folder, "by-hand.ndjson")];
  const command = [CLI, "score", address, "-m", "m", "-i", input, "-o"];
  const score = await timed([...command, mine]);
  const byHand = await timed([sibling("score-by-hand"), address, input, theirs]);
  if (statSync(mine).size !== statSync(theirs).size) throw new Error("they did not write the same");
  server.disconnect();
  await rm(folder, { recursive: true });
  const work = `score, ${ROWS} rows of 10 floats`;
  const findings: Finding[] = [
    {
      work: `${work}, time a row`,
      against: "a loop by hand, 64 rows a request",
      ours: { value: score.perRowNs, unit: "ns" },
      theirs: { value: byHand.perRowNs, unit: "ns" },
      ratio: byHand.perRowNs / score.perRowNs,
    },
  ];
  if (score.rss.length > 0) {
    const rise = "RSS over that of its first tenth";
    findings.push({ ...limited(`${work}, ${rise}`, riseOf(score.rss)), goal: atMost(1) });
    findings.push(limited("the loop by hand", riseOf(byHand.rss)));
  }
  return { findings };
}

/** How much more memory it takes at most than after the first tenth of its time, when everything is loaded. */
function riseOf(rss: readonly number[]): number {
  return Math.max(0, Math.max(...rss) - rss[Math.ceil(rss.length / 10)]!);
}

function limited(work: string, bytes: number): Finding {
  return {
    work,
    against: "limit: 150 MB",
    ours: { value: bytes, unit: "B" },
    theirs: { value: LEVEL_BYTES, unit: "B" },
    ratio: bytes / LEVEL_BYTES,
  };
}

async function timed(args: readonly string[]): Promise<Run> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const rss: number[] = [];
  const timer = setInterval(() => {
    const bytes = residentBytes(child.pid!);
    if (bytes !== undefined) rss.push(bytes);
  }, 100);
  const [code] = (await once(child, "exit")) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  return { perRowNs: ((performance.now() - startedAt) * 1e6) / ROWS, rss };
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function residentBytes(pid: number): number | undefined {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

async function writeRows(path: string): Promise<void> {
  const sink = createWriteStream(path);
  const values = randomFloats(10);
  for (let row = 0; row < ROWS; row++) {
    values[0] = row % 1_000;
    if (!sink.write(`[${values.join()}]\n`)) await once(sink, "drain");
  }
  sink.end();
  await once(sink, "finish");
}

await report(measure);
