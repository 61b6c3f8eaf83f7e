import { spawn } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cgroupMemory, createHealthCheck, type MemorySource, procMemory, soak } from "../../src/health.ts";
import { createClient } from "../../src/index.ts";
import { startLeakingServer } from "./start-leaking-server.ts";

/** Far above what these servers take: the verdict is wanted, not the fuse. */
const fuseBytes = 4e9;

async function judge(model: string, sourceOf: (pid: number) => MemorySource) {
  await using server = await startLeakingServer();
  await using client = createClient(server.address);
  return await soak(client, { model, inputs: { x: [1] }, memory: sourceOf(server.pid), fuseBytes, predictions: 120 });
}

describe.runIf(existsSync("/proc/self/status"))("soak of a process of its own, read through /proc", () => {
  it("calls a leak what keeps 5 MB a prediction", async () => {
    const report = await judge("leaks", (pid) => procMemory(pid));
    expect(report, report.output).toMatchObject({ verdict: "leak", failures: 0 });
    expect(report.bytesPerPrediction).toBeGreaterThan(4.5e6);
    expect(report.bytesPerPrediction).toBeLessThan(5.5e6);
    expect(report.suspectedAfter).toBeLessThanOrEqual(40);
  }, 300_000);

  it("does not call a leak what warms up by 200 MB, and calls it stable", async () => {
    const report = await judge("warms", (pid) => procMemory(pid));
    expect(report.growthBytes).toBeGreaterThan(180e6);
    expect(report.verdict, report.output).toBe("stable");
  }, 300_000);

  it("calls stable what keeps nothing", async () => {
    const report = await judge("sound", (pid) => procMemory(pid));
    expect(report.verdict, report.output).toBe("stable");
  }, 300_000);

  it("stops a leak before 100 MB are spent where that is the fuse, at level stable too", async () => {
    await using server = await startLeakingServer();
    await using client = createClient(server.address);
    const options = { model: "leaks", level: "stable", memory: procMemory(server.pid), fuseBytes: 100e6 } as const;
    const report = await createHealthCheck(client, options).check();
    expect(report).toMatchObject({
      status: "fail",
      checks: { predicts: { status: "pass" }, stable: { status: "fail" } },
    });
    expect(report.predictions).toBeLessThanOrEqual(22);
  }, 300_000);
});

/** A cgroup of one's own can only be made with the right to; version 1 and 2 have different places. */
function makeCgroup(): string | undefined {
  const name = `tfserving-test-${process.pid}`;
  for (const mount of ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"]) {
    const path = `${mount}/${name}`;
    try {
      mkdirSync(path);
      if (existsSync(`${path}/memory.stat`) && existsSync(`${path}/cgroup.procs`)) return path;
      rmdirSync(path);
    } catch {
      // Not here.
    }
  }
  return undefined;
}

const cgroup = makeCgroup();
if (cgroup !== undefined) rmdirSync(cgroup);

describe.runIf(cgroup !== undefined)("cgroupMemory of a cgroup of its own", () => {
  /** Node.js itself takes about 40 MB. */
  const LIMIT_BYTES = 128 << 20;

  it("reads its limit, what a process in it takes, and counts one killed for want of memory as a restart", async () => {
    const path = makeCgroup() as string;
    const child = spawn(
      process.execPath,
      ["-e", "process.stdin.once('data', () => { globalThis.taken = Buffer.alloc(1 << 30, 1); })"],
      { stdio: ["pipe", "ignore", "ignore"] },
    );
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on("exit", (_code, signal) => resolve(signal)));
    try {
      await new Promise((resolve) => child.on("spawn", resolve));
      // Version 1 has a limit of its own for memory and swap together, which may not be the lower one.
      for (const name of ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max", "memory.swap.max"]) {
        if (existsSync(`${path}/${name}`)) writeFileSync(`${path}/${name}`, String(LIMIT_BYTES));
      }
      writeFileSync(`${path}/cgroup.procs`, String(child.pid));
      const source = cgroupMemory({ path });
      const read = () => source.read({ signal: AbortSignal.timeout(5_000) });
      expect(await read()).toMatchObject({ limitBytes: LIMIT_BYTES, resets: 0 });
      child.stdin.write("now\n");
      expect(await ended).toBe("SIGKILL");
      expect(await read()).toMatchObject({ limitBytes: LIMIT_BYTES, resets: 1 });
    } finally {
      child.kill("SIGKILL");
      await ended;
      rmdirSync(path);
    }
  }, 60_000);
});

describe.runIf(cgroup !== undefined)("soak of a process in a cgroup of its own", () => {
  it.each([
    ["leaks", "leak"],
    ["warms", "stable"],
  ])(
    "a model that %s is: %s",
    async (model, verdict) => {
      const path = makeCgroup() as string;
      try {
        const report = await judge(model, (pid) => {
          writeFileSync(`${path}/cgroup.procs`, String(pid));
          // By its process: the cgroup is found from the outside.
          return cgroupMemory({ pid });
        });
        expect(report.verdict, report.output).toBe(verdict);
      } finally {
        rmdirSync(path);
      }
    },
    300_000,
  );
});
