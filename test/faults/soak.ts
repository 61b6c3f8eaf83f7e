/**
 * The long runs, with figures. Not part of the tests, which have a short run of each.
 *
 *   node test/faults/soak.ts [exit|churn|policies|replicas|health|heap|keepalive …]
 *     [--calls N] [--seed N] [--minutes N] [--seconds N] [--bytes-per-call N]
 *
 * Without names all of them run. The last line of each is its report as JSON; the exit code is 1 when one broke a promise.
 */
import { parseArgs } from "node:util";
import { soakChurn } from "./soak/churn.ts";
import { soakExit } from "./soak/exit.ts";
import { soakHealth } from "./soak/health.ts";
import { soakHeap } from "./soak/heap.ts";
import { soakKeepalive } from "./soak/keepalive.ts";
import { soakPolicies } from "./soak/policies.ts";
import { soakReplicas } from "./soak/replicas.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    calls: { type: "string" },
    seed: { type: "string" },
    minutes: { type: "string" },
    seconds: { type: "string" },
    "bytes-per-call": { type: "string" },
  },
});
const number = (text: string | undefined, name: string) => (text === undefined ? {} : { [name]: Number(text) });
const options = {
  ...number(values.calls, "calls"),
  ...number(values.seed, "seed"),
  ...number(values.minutes, "minutes"),
  ...number(values.seconds, "seconds"),
  ...number(values["bytes-per-call"], "bytesPerCall"),
};
const RUNS = {
  exit: soakExit,
  churn: soakChurn,
  policies: soakPolicies,
  replicas: soakReplicas,
  health: soakHealth,
  heap: soakHeap,
  keepalive: soakKeepalive,
};

const stray: string[] = [];
process.on("unhandledRejection", (reason) => stray.push(`unhandled rejection: ${String(reason)}`));
process.on("warning", (warning) => {
  if (warning.name === "MaxListenersExceededWarning") stray.push(`warning: ${warning.message}`);
});

for (const [name, run] of Object.entries(RUNS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const startedAt = performance.now();
  const report = await run(options);
  const breaches = [...report.breaches, ...stray.splice(0)];
  for (const breach of breaches.slice(0, 20)) console.log(`${name}: ${breach}`);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(JSON.stringify({ soak: name, ok: breaches.length === 0, seconds, ...report.figures }));
  if (breaches.length > 0) process.exitCode = 1;
}
