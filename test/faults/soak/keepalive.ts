import { createClient } from "../../../src/assembly/create-client.ts";
import { createFaultProxy } from "../../../src/testing/faults/fault-proxy.ts";
import { modelOf } from "../lab/arrivals.ts";
import { H2_ERROR } from "../lab/http2-frames.ts";
import { type Http2Connection, startHttp2Server } from "../lab/http2-server.ts";
import type { Report } from "./report.ts";

/** What gRPC servers in C++ allow: a ping in this time without data, and two offences. */
const MIN_PING_INTERVAL_MS = 300_000;
const MAX_STRIKES = 2;
const SILENT_CALL_MS = 60_000;
const REPLACED_LIMIT_MS = 50_000;

/** L7: pings keep within what servers allow, and still find a black hole. */
export async function soakKeepalive({ minutes = 10 }: { minutes?: number }): Promise<Report> {
  const [polite, replaced] = await Promise.all([politeness(minutes), replacement()]);
  return { figures: { ...polite.figures, ...replaced.figures }, breaches: [...polite.breaches, ...replaced.breaches] };
}

/** Silent calls of a minute, one after the other, against a server that counts pings as core does. */
async function politeness(minutes: number): Promise<Report> {
  const strikes = new Map<Http2Connection, { last: number; count: number }>();
  let goaways = 0;
  let pings = 0;
  const server = await startHttp2Server({
    onPing: (connection, payload) => {
      pings++;
      const now = performance.now();
      const state = strikes.get(connection) ?? { last: Number.NEGATIVE_INFINITY, count: 0 };
      if (now - state.last < MIN_PING_INTERVAL_MS) state.count++;
      state.last = now;
      strikes.set(connection, state);
      if (state.count > MAX_STRIKES) {
        goaways++;
        connection.goaway(2 ** 31 - 1, H2_ERROR.ENHANCE_YOUR_CALM, "too_many_pings");
      } else connection.acknowledge(payload);
    },
    onRequest: (stream) => {
      setTimeout(() => {
        // Data from the server forgives the pings before it.
        strikes.delete(stream.connection);
        stream.answer();
      }, SILENT_CALL_MS);
    },
  });
  const client = createClient(server.address, { timeoutMs: 2 * SILENT_CALL_MS });
  const failures: string[] = [];
  const rounds = Math.max(1, Math.round((minutes * 60_000) / SILENT_CALL_MS));
  for (let round = 1; round <= rounds; round++) {
    await client.predict({ model: modelOf(round), inputs: { x: [round] } }).catch((error: unknown) => {
      failures.push(`silent call ${round}: ${String(error)}`);
    });
  }
  await client.close();
  await server.close();
  return {
    figures: { silentCalls: rounds, pings, tooManyPings: goaways },
    breaches: goaways > 0 ? [...failures, `${goaways} GOAWAY too_many_pings`] : failures,
  };
}

/** A connection that turns into a black hole under one long call is replaced by pings alone. */
async function replacement(): Promise<Report> {
  const server = await startHttp2Server({ onRequest: (stream) => void (stream.call !== 2 && stream.answer()) });
  const proxy = await createFaultProxy(server.address);
  const client = createClient(proxy.address);
  await client.predict({ model: modelOf(1), inputs: { x: [1] } });
  proxy.add({ toxic: "blackHole", direction: "upstream" });
  proxy.add({ toxic: "blackHole", direction: "downstream" });
  const startedAt = performance.now();
  const lost = client.predict({ model: modelOf(2), inputs: { x: [2] } }, { timeoutMs: 120_000 }).catch(() => {});
  let replacedMs = Number.POSITIVE_INFINITY;
  const look = setInterval(() => {
    if (proxy.accepted > 1) replacedMs = Math.min(replacedMs, performance.now() - startedAt);
    // A new connection would fall into the hole as well.
    if (performance.now() - startedAt > REPLACED_LIMIT_MS - 5_000) proxy.clear();
  }, 100);
  const open = () =>
    client.predict({ model: modelOf(3), inputs: { x: [3] } }, { timeoutMs: REPLACED_LIMIT_MS }).catch(() => {});
  await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, REPLACED_LIMIT_MS))]);
  await open();
  clearInterval(look);
  await client.close({ timeoutMs: 0 });
  await proxy.close();
  await server.close();
  return {
    figures: { blackHoleReplacedAfterMs: Math.round(replacedMs) },
    breaches: replacedMs > REPLACED_LIMIT_MS ? ["the black hole was not replaced in 50 s"] : [],
  };
}
