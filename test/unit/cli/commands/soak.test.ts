import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { OUTPUT_SCHEMAS } from "../output-schemas.ts";
import { runMain } from "../record-output.ts";
import { startCli } from "../run-cli.ts";
import { openLeakingWorld } from "./leaking-world.ts";

let world: Awaited<ReturnType<typeof openLeakingWorld>>;
let folder: string;
beforeAll(async () => {
  world = await openLeakingWorld();
  folder = await mkdtemp(join(tmpdir(), "tfserving-soak-"));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

const about = () => ["soak", world.grpc, "-m", "ranker", ...world.memory];

describe("tfserving soak", () => {
  it("ends with 4 when the fuse stops a leak, after 20 predictions and 1 GB", async () => {
    const { code, out, complaints } = await runMain(...about(), "--version", "2");
    expect([code, complaints]).toEqual([4, ""]);
    expect(out).toMatch(/^suspected: model "ranker" version 2 is suspected of a leak: 50\.0 MB/);
    expect(out).toContain("or raise --fuse if it");
    expect(out).toContain("  predictions  20 in ");
    expect(out).toContain("stopped by the fuse");
  });

  it("calls it a leak where it may go on, and prints JSON that fits its schema", async () => {
    const { code, out } = await runMain(...about(), "--version", "2", "--fuse", "20GB", ...world.metrics, "--json");
    expect(code).toBe(4);
    const report = OUTPUT_SCHEMAS.soak.parse(JSON.parse(out));
    expect(report).toMatchObject({ verdict: "leak", end: "done", predictions: 100, failures: 0, limitBytes: 32e9 });
    expect(report.bytesPerPrediction).toBeCloseTo(50e6, -3);
    expect(report.server?.requests).toBeGreaterThanOrEqual(100);
    expect([report.samples.length, report.windows.length]).toEqual([101, 2]);
  });

  it("ends with 0 when memory is stable, and writes its report", async () => {
    const file = join(folder, "soak.html");
    const { code, out, complaints } = await runMain(...about(), "--version", "1", "--report", file);
    expect(code).toBe(0);
    expect(out).toMatch(/^stable: model "ranker" version 1 is stable over 100 predictions/);
    expect(complaints).toBe(`report: ${file}`);
    const page = await readFile(file, "utf8");
    expect(page).toContain("<strong>Stable</strong>");
    expect(page).toContain('<th scope="row">--memory-limit</th><td>32.0 GB</td>');
  });

  it("ends with 5 when it was too short to say, by number and by time", async () => {
    const few = await runMain(...about(), "--version", "1", "-n", "20", "--json");
    expect([few.code, OUTPUT_SCHEMAS.soak.parse(JSON.parse(few.out)).verdict]).toEqual([5, "inconclusive"]);
    const short = await runMain(...about(), "--version", "1", "--duration", "300ms", "--pause", "50ms", "--json");
    expect(short.code).toBe(5);
    expect(OUTPUT_SCHEMAS.soak.parse(JSON.parse(short.out)).predictions).toBeLessThan(20);
  });

  it("ends with 5, and sends no prediction, when memory cannot be read", async () => {
    const memory = ["--memory-prometheus", `${world.rest}/v1/models/ranker`, "--metric", "mem_bytes"];
    const { code, out } = await runMain("soak", world.grpc, "-m", "ranker", ...memory, "--json");
    expect([code, OUTPUT_SCHEMAS.soak.parse(JSON.parse(out))]).toMatchObject([
      5,
      { end: "memory", predictions: 0, samples: [] },
    ]);
  });

  it("ends with 2 when nobody is there, and with 3 for a model or a signature that is not", async () => {
    const dead = await runMain("soak", "grpc://127.0.0.1:1", "-m", "ranker", ...world.memory);
    expect([dead.code, dead.out]).toEqual([2, ""]);
    expect((await runMain("soak", world.grpc, "-m", "none", ...world.memory)).code).toBe(3);
    expect((await runMain(...about(), "--signature", "none")).code).toBe(3);
  });

  it("ends with 3 when predictions fail", async () => {
    const { code, out } = await runMain(...about(), "--version", "1", "-i", 'x=["text"]');
    expect(code).toBe(3);
    expect(out).toMatch(/^inconclusive: .*predictions fail/s);
  });

  it.each<[readonly string[], string]>([
    [[], "a soak needs to see memory: give one of --memory-pid,"],
    [["--memory-pid", "1", "--memory-docker", "x"], "exclude each other"],
    [["--memory-pid", "1", "--report", "/nowhere/at/all.html"], "--report: cannot write /nowhere/at/all.html (ENOENT)"],
    [["--memory-pid", "1", "-n", "5"], "fewer than 10 tell nothing"],
    [["grpc://a:8500,grpc://b:8500", "--memory-pid", "1"], "a soak needs the address of one server"],
    [["--memory-pid", "1", "--random", "1", "--warm-up", "x"], "--input, --random and --warm-up exclude each other"],
  ])("refuses %j with 1", async (args, message) => {
    const { code, complaints } = await runMain("soak", ...args, "-m", "ranker");
    expect(code).toBe(1);
    expect(complaints).toContain(message);
  });

  it("reports what was found when it is interrupted", async () => {
    const before = world.predictions();
    const cli = startCli([...about(), "--version", "1", "--duration", "1h", "--pause", "20ms", "--json"]);
    await vi.waitUntil(() => world.predictions() > before + 3, { timeout: 14_000 });
    cli.kill("SIGINT");
    const { code, out } = await cli.ended;
    const report = OUTPUT_SCHEMAS.soak.parse(JSON.parse(out));
    expect([code, report.end, report.verdict]).toEqual([5, "signal", "inconclusive"]);
  });
});
