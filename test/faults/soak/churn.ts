import { churn } from "../lab/churn.ts";
import { LATE_MS } from "../lab/find-breaches.ts";
import { Laboratory } from "../lab/laboratory.ts";
import type { Report } from "./report.ts";

/** R1, R2 and T3: calls through a server that fails in every way, on both wires. */
export async function soakChurn({ calls = 20_000, seed = 20_000 }: { calls?: number; seed?: number }): Promise<Report> {
  const figures: Record<string, unknown> = { seed };
  const breaches: string[] = [];
  for (const wire of ["grpc", "rest"] as const) {
    const lab = new Laboratory(wire);
    const { begun, settled, answered, latestMs, attempts, arrived, restarts, kinds } = await churn(lab, {
      calls,
      seed,
    });
    const broken = await lab.end();
    breaches.push(...broken.map((breach) => `${wire}: ${breach}`));
    if (settled !== begun) breaches.push(`${wire}: ${settled} settlements of ${begun}`);
    figures[wire] = {
      calls,
      settled,
      answered,
      attempts,
      arrived,
      restarts,
      latestMs: Math.round(latestMs),
      lateLimitMs: LATE_MS,
      longestStallMs: Math.round(lab.stalls.longestMs),
      breaches: broken.length,
      kinds: Object.fromEntries([...kinds].sort(([, a], [, b]) => b - a)),
    };
  }
  return { figures, breaches };
}
