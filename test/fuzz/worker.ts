import { parentPort, workerData } from "node:worker_threads";
import { type Finding, Fuzzer, shrink } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";

export interface WorkerData {
  readonly shared: SharedArrayBuffer;
  readonly seconds: number;
  readonly seed: number;
  readonly target: string | undefined;
}

export interface Report {
  readonly targets: readonly { readonly target: string; readonly inputs: number; readonly outcomes: number }[];
  readonly findings: readonly Finding[];
}

/** Inputs of one target in a row. */
const TURN = 500;
/** One kind of failure is found over and over; enough is enough. */
const MAX_FINDINGS = 20;

const { shared, seconds, seed, target } = workerData as WorkerData;
const clock = new Float64Array(shared, 0, 1);
const length = new Int32Array(shared, 8, 1);
const room = new Uint8Array(shared, 16);

const wanted = target?.split(",");
const targets = TARGETS.filter(({ name }) => wanted === undefined || wanted.includes(name));
if (targets.length === 0)
  throw new Error(`no target "${target}"; there are ${TARGETS.map(({ name }) => name).join(", ")}`);
const fuzzers = targets.map((each, index) => ({ fuzzer: new Fuzzer(each, seed + index), inputs: 0 }));
const findings = new Map<string, Finding>();

const endsAt = performance.now() + seconds * 1000;
while (performance.now() < endsAt && findings.size < MAX_FINDINGS) {
  for (const each of fuzzers) {
    for (let turn = 0; turn < TURN; turn++) {
      const input = each.fuzzer.next();
      room.set(input);
      length[0] = input.length;
      clock[0] = performance.timeOrigin + performance.now();
      const finding = each.fuzzer.try(input);
      clock[0] = 0;
      each.inputs++;
      if (finding === undefined) continue;
      const kind = `${finding.target} ${finding.problem.replace(/\d+/g, "#")}`;
      if (!findings.has(kind)) findings.set(kind, { ...finding, input: shrink(finding, targets) });
    }
  }
}

parentPort!.postMessage({
  targets: fuzzers.map(({ fuzzer, inputs }) => ({ target: fuzzer.target.name, inputs, outcomes: fuzzer.outcomes })),
  findings: [...findings.values()],
} satisfies Report);
