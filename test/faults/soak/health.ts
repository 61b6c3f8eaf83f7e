import {
  connectionFaultsOf,
  type Measured,
  requestFaultsOf,
  TIMEOUT_MS,
  tryConnectionFault,
  tryRequestFault,
} from "../health/measure.ts";
import type { Report } from "./report.ts";

/** What is promised: a check ends so long after its timeout at the latest. */
const PROMISED_MS = 50;

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
  const worst = [...measured].sort((one, other) => other.ownLateMs - one.ownLateMs);
  const used = worst.filter(({ ownLateMs }) => ownLateMs > -1);
  const milliseconds = (value: number) => Math.round(value * 10) / 10;
  return {
    breaches,
    figures: {
      timeoutMs: TIMEOUT_MS,
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
