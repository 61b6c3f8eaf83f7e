import type { Effort } from "./compare.ts";
import type { GroupResult } from "./finding.ts";
import { toRateTable, toTable } from "./table.ts";

/** Whether the whole run is to be short: for seeing that everything works, not for figures to quote. */
export const QUICK = process.argv.includes("--quick");

export const EFFORT: Effort = QUICK
  ? { rounds: 7, batchMs: 4, warmUps: 10, warmUpMs: 20 }
  : { rounds: 31, batchMs: 10, warmUps: 25, warmUpMs: 100 };

/** A group measures in a process of its own, so that none inherits another's heap. Run by itself it prints its table. */
export async function report(measure: () => GroupResult | Promise<GroupResult>): Promise<void> {
  const result = await measure();
  if (process.send !== undefined) process.send(result);
  else {
    console.log(toTable(result.findings, result.absences ?? []));
    if (result.rates !== undefined) console.log(`\n${toRateTable(result.rates)}`);
  }
  process.disconnect?.();
}
