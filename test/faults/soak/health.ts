import { createHealthCheck } from "../../../src/health.ts";
import { createClient } from "../../../src/index.ts";
import { createTestServer, halfPlusTwo } from "../../../src/testing.ts";
import {
  connectionFaultsOf,
  type Measured,
  requestFaultsOf,
  TIMEOUT_MS,
  tryConnectionFault,
  tryRequestFault,
} from "../health/measure.ts";
import { heapGrowth } from "../lab/heap-growth.ts";
import type { Report } from "./report.ts";

/** What is promised: a check ends so long after its timeout at the latest. */
const PROMISED_MS = 50;

/** Checks of a round, of which there are six on each wire, and what one may leave: 1 MB of 10,000. */
const CHECKS = 2_000;
const MOST_BYTES = 100;

/** Every level of a health check under every fault of the matrix that it can meet, on both wires, with figures. */
export async function soakHealth(): Promise<Report> {
  const measured: Measured[] = [];
  const breaches: string[] = [];
  for (const wire of ["grpc", "rest"] as const) {
    for (const run of [
      ...connectionFaultsOf(wire).map((fault) => () => tryConnectionFault(wire, fault)),
      ...requestFaultsOf(wire).map((fault) => () => tryRequestFault(wire, fault)),
    ]) {
      const tried = await run();
      measured.push(...tried.measured);
      breaches.push(...tried.left);
    }
  }
  for (const { row, fault, wire, level, at, ownLateMs, status, mayPass } of measured) {
    const which = `row ${row} [${wire}], ${fault}, level ${level}, request ${at}`;
    if (ownLateMs > PROMISED_MS) breaches.push(`${which}: ${ownLateMs.toFixed(1)} ms late`);
    if (!mayPass && status === "pass") breaches.push(`${which}: passes`);
  }
  const keptBytes: Record<string, number> = {};
  for (const wire of ["grpc", "rest"] as const) {
    const { bytes, sockets } = await keep(wire);
    keptBytes[wire] = Math.round(bytes);
    if (bytes > MOST_BYTES) breaches.push(`a check over ${wire} leaves ${bytes.toFixed(0)} bytes`);
    // Both ends are in this process; REST may take a second connection while the first is about to be free again.
    if (sockets > 4) breaches.push(`checks over ${wire} leave ${sockets} sockets`);
  }
  const worst = [...measured].sort((one, other) => other.ownLateMs - one.ownLateMs);
  const used = worst.filter(({ ownLateMs }) => ownLateMs > -1);
  const milliseconds = (value: number) => Math.round(value * 10) / 10;
  return {
    breaches,
    figures: {
      timeoutMs: TIMEOUT_MS,
      keptBytesPerCheck: keptBytes,
      checks: measured.length,
      rows: new Set(measured.map(({ row }) => row)).size,
      tookTheirTimeout: used.length,
      worstLateMs: milliseconds(worst[0]?.ownLateMs ?? 0),
      worstOnClockMs: milliseconds(Math.max(...measured.map(({ lateMs }) => lateMs))),
      medianLateMs: milliseconds(used[used.length >> 1]?.ownLateMs ?? 0),
      worst: worst.slice(0, 3).map(({ row, fault, wire, level, ownLateMs }) => {
        return `row ${row} [${wire}] ${fault}, ${level}: ${milliseconds(ownLateMs)} ms`;
      }),
    },
  };
}

/** What a check leaves on the heap, and how many sockets all of them opened and did not close. */
async function keep(wire: "grpc" | "rest"): Promise<{ bytes: number; sockets: number }> {
  await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
  await using client = createClient(wire === "grpc" ? server.grpcAddress : server.restAddress);
  const health = createHealthCheck(client, { model: "half_plus_two" });
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name.startsWith("TCPSocket")).length;
  await health.check();
  const before = sockets();
  const bytes = await heapGrowth(async () => {
    for (let done = 0; done < CHECKS; done++) {
      await health.check();
      // The server is in the same heap: what it writes down is taken away.
      if (done % 500 === 0) server.reset();
    }
    server.reset();
  });
  return { bytes: bytes / CHECKS, sockets: sockets() - before };
}
