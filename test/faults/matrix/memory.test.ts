import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { HealthClock } from "../../../src/health/health-clock.ts";
import { Soak, soak } from "../../../src/health/leak/soak.ts";
import { readSoakOptions } from "../../../src/health/leak/soak-options.ts";
import type { SoakReport } from "../../../src/health/leak/soak-report.ts";
import { cgroupMemory } from "../../../src/health/memory/cgroup-memory.ts";
import type { MemoryInput } from "../../../src/health/memory/memory-source.ts";
import { procMemory } from "../../../src/health/memory/proc-memory.ts";
import { prometheusMemory } from "../../../src/health/memory/prometheus-memory.ts";
import { createServerMetrics } from "../../../src/health/metrics/server-metrics.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import type { Laboratory } from "../lab/laboratory.ts";
import { row } from "../lab/row.ts";

const MODEL = "half_plus_two";

/** A client of a server that is healthy: it is memory that cannot be seen. */
async function servingClient(lab: Laboratory) {
  const server = await lab.testServer({ models: { [MODEL]: halfPlusTwo } });
  return { server, client: lab.client(server.address) };
}

async function soakOver(lab: Laboratory, memory: MemoryInput): Promise<SoakReport> {
  const { client } = await servingClient(lab);
  return soak(client, { model: MODEL, memory, predictions: 20 });
}

async function inFolder<T>(files: Readonly<Record<string, string>>, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "tfserving-faults-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A page of metrics, written by `answer`. */
async function onPage<T>(answer: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const inconclusive = (report: SoakReport, output: RegExp) => {
  expect(report.verdict).toBe("inconclusive");
  expect(report.output).toMatch(output);
};

/** Time that runs so much faster: waits of minutes pass in a test. */
function hurriedClock(times: number): HealthClock {
  return {
    now: () => performance.now() * times,
    setTimeout: (callback, delayMs) => setTimeout(callback, delayMs / times),
    clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
    date: () => new Date(),
  };
}

describe("memory sources", () => {
  row(69, "both", "a process that is not there is inconclusive, and nothing is sent", async (lab) => {
    const { server, client } = await servingClient(lab);
    const report = await inFolder({}, (root) => soak(client, { model: MODEL, memory: procMemory(7, { root }) }));
    inconclusive(report, /there is no such process; repair the memory source$/);
    expect(report).toMatchObject({ end: "memory", predictions: 0 });
    expect(server.calls.filter(({ operation }) => operation === "predict")).toEqual([]);
  });

  row(69, "both", "a source that goes away is inconclusive after 20 predictions more", async (lab) => {
    const { client } = await servingClient(lab);
    let reads = 0;
    const memory = () => {
      if (++reads > 5) throw new Error("gone");
      return 8e9;
    };
    const options = readSoakOptions(client, { model: MODEL, memory, timeoutMs: 600_000 });
    const report = await new Soak(client, options, hurriedClock(100)).run();
    inconclusive(report, /memory function: gone; repair the memory source$/);
    expect(report).toMatchObject({ end: "memory", predictions: 24, failures: 0 });
  });

  row(69, "both", "a page that was measured long ago is inconclusive", async (lab) => {
    const report = await onPage(
      (_, response) => response.end("container_memory_rss 8000000000 1000000000000\n"),
      (url) => soakOver(lab, prometheusMemory(url, { metric: "container_memory_rss" })),
    );
    inconclusive(report, /what it says is old, it does not measure any more; repair the memory source$/);
    expect(report).toMatchObject({ end: "memory", predictions: 0 });
  });

  row(69, "both", "a process that is another one than before is inconclusive", async (lab) => {
    let reads = 0;
    const report = await onPage(
      (_, response) => {
        const startedAt = ++reads > 10 ? 200 : 100;
        response.end(`process_resident_memory_bytes 8e9\nprocess_start_time_seconds ${startedAt}\n`);
      },
      (url) => soakOver(lab, prometheusMemory(url, { metric: "process_resident_memory_bytes" })),
    );
    inconclusive(report, /the process was restarted after 10 predictions/);
    expect(report).toMatchObject({ end: "restart", predictions: 10 });
  });

  row(69, "both", "memory that is negative or no number is inconclusive", async (lab) => {
    for (const value of ["-8e9", "NaN", "+Inf"]) {
      const report = await onPage(
        (_, response) => response.end(`process_resident_memory_bytes ${value}\n`),
        (url) => soakOver(lab, prometheusMemory(url, { metric: "process_resident_memory_bytes" })),
      );
      inconclusive(report, /it says (-8000000000|NaN|Infinity) for bytes; repair the memory source$/);
      expect(report).toMatchObject({ end: "memory", predictions: 0, limitBytes: undefined });
    }
  });

  row(69, "both", "a limit that is the host's is none: no prediction is said to reach it", async (lab) => {
    for (const limit of ["max", String(2 ** 50)]) {
      const files = { "memory.current": "9000000\n", "memory.max": `${limit}\n`, "memory.stat": "anon 8000000\n" };
      const report = await inFolder(files, (path) => soakOver(lab, cgroupMemory({ path })));
      expect(report).toMatchObject({ end: "done", limitBytes: undefined, predictionsToLimit: undefined });
      // Too few readings to call it stable.
      inconclusive(report, /soak it with more predictions/);
    }
  });
});

describe("a metrics page", () => {
  const requests = (count: number | string, model = "m") =>
    `:tensorflow:serving:request_count{model_name="${model}",status="OK"} ${count}\n`;
  const figuresOf = (answer: RequestListener) =>
    onPage(answer, (url) => createServerMetrics(url, { model: "m", timeoutMs: 60_000 }).read());

  /** Writes as long as the other side reads, and no more than there is. */
  function stream(response: ServerResponse, pieces: number, piece: Buffer): void {
    let left = pieces;
    const write = () => {
      while (left-- > 0) if (!response.write(piece)) return;
      response.end();
    };
    response.on("drain", write);
    write();
  }

  row(70, "rest", "of 100 MB is read to its limit, what came is told, and marked as partial", async () => {
    let socket: Socket | undefined;
    const piece = Buffer.from("other_metric 1\n".repeat(70_000));
    const figures = await figuresOf((request, response) => {
      socket = request.socket;
      response.write(requests(5));
      stream(response, 100, piece);
    });
    expect(figures).toMatchObject({ partial: true, requests: 5 });
    // 32 MiB are read; the rest that was sent is what buffers hold.
    expect(socket!.bytesWritten).toBeGreaterThan(30e6);
    expect(socket!.bytesWritten).toBeLessThan(80e6);
  });

  row(70, "rest", "with a line that has no end is read around it, and marked as partial", async () => {
    const endless = Buffer.alloc(1 << 20, "x");
    const figures = await figuresOf((_, response) => {
      response.write(requests(5));
      stream(response, 16, endless);
    });
    expect(figures).toMatchObject({ partial: true, requests: 5 });
  });

  row(70, "rest", "with a TYPE said twice, and said wrong, is read by its samples", async () => {
    const type = (text: string) => `# TYPE :tensorflow:serving:request_count ${text}\n`;
    const figures = await figuresOf((_, response) =>
      response.end(`${type("counter")}${type("gauge")}${type("")}${requests(5)}`),
    );
    expect(figures).toMatchObject({ partial: false, requests: 5, byStatus: { OK: 5 } });
  });

  row(70, "rest", "with counts that are none is read without them", async () => {
    const wrong = ["NaN", "+Inf", "-7"].map((value) => requests(value)).join("");
    const figures = await figuresOf((_, response) => response.end(wrong + requests(5)));
    expect(figures).toMatchObject({ requests: 5, byStatus: { OK: 5 } });
    const none = await figuresOf((_, response) => response.end(wrong + requests("five")));
    expect(none).toMatchObject({ partial: true, requests: 0, errorRatio: undefined });
  });

  row(70, "rest", "with a line end in a label does not take the rest of it for a sample", async () => {
    const names = [
      ":tensorflow:serving:request_count 9000",
      requests(9_000).trim().replaceAll('"', '\\"'),
      ':tensorflow:serving:request_count{status=\\"OK\\"} 9000',
    ];
    for (const name of names) {
      const figures = await figuresOf((_, response) => response.end(requests(1, `x\n${name}\ny`) + requests(5)));
      expect(figures).toMatchObject({ partial: false, requests: 5 });
    }
    const honest = await figuresOf((_, response) => response.end(requests(4, "x\\ny") + requests(5)));
    expect(honest).toMatchObject({ partial: false, requests: 5 });
  });
});
