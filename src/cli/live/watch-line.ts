import { printable } from "../output.ts";
import { formatBytes, formatMs, formatRate } from "../quantities.ts";
import type { WatchSample } from "./watch-sample.ts";
import { growthOf } from "./watch-view.ts";

/** A sample as one line of text, for a pipe or a log. */
export function watchLine({ time, versions, statusError, probe, server, serverError, memory }: WatchSample): string {
  const parts = [time.slice(0, 19) + "Z", versionsOf(versions, statusError)];
  if (probe.last !== undefined) {
    const took = probe.last.latencyMs === undefined ? "" : ` ${formatMs(probe.last.latencyMs)}`;
    parts.push(`probe ${probe.last.status}${took}${probe.state === "paused" ? " paused" : ""}`);
  }
  if (serverError !== undefined) parts.push(`server: ${serverError}`);
  else if (server?.requestsPerSecond !== undefined) parts.push(`server ${formatRate(server.requestsPerSecond)}`);
  if (memory?.bytes !== undefined) parts.push(`memory ${formatBytes(memory.bytes)} ${growthOf(memory)}`.trim());
  if (memory !== undefined) parts.push(memory.verdict);
  return printable(parts.join("  "));
}

function versionsOf(versions: WatchSample["versions"], error: string | undefined): string {
  if (versions === undefined) return error ?? "status not known";
  return versions
    .filter(({ state, error: failure }) => state !== "END" || failure !== undefined)
    .map(({ version, state }) => `${version} ${state}`)
    .join(", ");
}
