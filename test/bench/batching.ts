import { fork } from "node:child_process";
import { once } from "node:events";
import { checkOptions } from "../../src/assembly/check-options.ts";
import { batching } from "../../src/batching/batching.ts";
import { parseAddress } from "../../src/client/address.ts";
import { batchingOf } from "../../src/client/batching-settings.ts";
import { createClientOver } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { ServingClient } from "../../src/client/serving-client.ts";
import type { PredictRequest, PredictResponse } from "../../src/contract/predict.ts";
import { AVOID_NOTHING, type Call, type CallContext } from "../../src/contract/transport.ts";
import { createGrpcTransport } from "../../src/grpc/transport.ts";
import { Cancellation } from "../../src/internal/cancellation.ts";
import { systemClock } from "../../src/internal/clock.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { collectGarbage, median } from "./compare.ts";
import { atLeast, atMost, type Finding, type Goal, type GroupResult, type Rate } from "./finding.ts";
import { QUICK, report } from "./group.ts";
import { compareLoads, type Loads } from "./load.ts";
import { sibling } from "./sibling.ts";
import { randomFloats } from "./tensors.ts";

/** What is at stake: callers of one row each, against a model that takes 2 ms a request and 0.02 ms a row. */
const CALLERS: readonly { readonly callers: number; readonly goal: number }[] = [
  { callers: 256, goal: 35 },
  { callers: 64, goal: 33 },
  { callers: 8, goal: 6 },
  { callers: 1, goal: 0.97 },
];
const ALONE = "one by one";
const SHARED = "sharing requests";
const ROW = randomFloats(10);
const NO_HEADERS: CallContext["headers"] = Object.create(null);

async function measure(): Promise<GroupResult> {
  // First, in a process that has done nothing else.
  const alone = await coalescing();
  const server = fork(sibling("model-server"), { execArgv: [] });
  const [{ port }] = (await once(server, "message")) as [{ port: number }];
  const [plain, sharing] = [connect(port, {}), connect(port, { batching: true })];
  const findings: Finding[] = [];
  const rates: Rate[] = [];
  for (const { callers, goal } of CALLERS) {
    const loads = await compareLoads(
      [
        { name: ALONE, call: () => plain.predict(oneRow()) },
        { name: SHARED, call: () => sharing.predict(oneRow()) },
      ],
      { concurrency: callers, rounds: QUICK ? 2 : 9, sliceMs: QUICK ? 1_000 : 2_000 },
    );
    const work = `${callers} ${callers === 1 ? "caller" : "callers"} of one row`;
    findings.push(compared(`${work}, time a row`, loads, "everyNs", atLeast(goal)));
    if (callers === 256) {
      findings.push(compared(`${work}, p99`, loads, "p99Ns", atLeast(20)));
      findings.push(compared(`${work}, client CPU a row`, loads, "cpuNs", atLeast(15)));
    }
    for (const caller of [ALONE, SHARED]) rates.push({ work, caller, ...loads.of(caller) });
  }
  await Promise.all([plain.close(), sharing.close()]);
  server.disconnect();
  findings.push(alone);
  return { findings, rates };
}

/** From the sources, so that nothing needs to be built for it. */
function connect(port: number, options: ClientOptions): ServingClient {
  const target = parseAddress(`grpc://127.0.0.1:${port}`, "bench");
  const { settings, transport } = checkOptions(options, [target], "bench");
  return createClientOver(
    createGrpcTransport({ ...transport, channelOptions: undefined, credentials: undefined }),
    settings,
  );
}

function oneRow(): PredictRequest {
  return { model: "m", inputs: { x: new Tensor("float32", [1, 10], ROW) } };
}

function compared(work: string, loads: Loads, time: "everyNs" | "p99Ns" | "cpuNs", goal: Goal): Finding {
  return {
    work,
    against: ALONE,
    ours: { value: loads.of(SHARED)[time], unit: "ns" },
    theirs: { value: loads.of(ALONE)[time], unit: "ns" },
    ratio: loads.ratio(time, ALONE, SHARED),
    goal,
  };
}

/**
 * What coalescing and splitting cost by themselves: rows of ten floats over a call that answers at once, in processor
 * time, with the promise of each caller and without the client above.
 */
async function coalescing(): Promise<Finding> {
  const settings = batchingOf(true, undefined, undefined)!;
  const answer: Call = (async (_operation: unknown, request: PredictRequest): Promise<PredictResponse> => {
    const rows = request.inputs["x"]!.shape[0]!;
    return { outputs: { y: new Tensor("float32", [rows], new Float32Array(rows)) }, modelSpec: { name: "m" } };
  }) as unknown as Call;
  const host = { clock: systemClock, endpoint: "", replicas: () => 1, tell: () => {} };
  const call = batching(host)(answer);
  const requests = Array.from({ length: 256 }, oneRow);
  const contexts = requests.map((): CallContext => newContext(settings));
  const round = async () => {
    await Promise.all(requests.map((request, index) => call("predict", request, contexts[index]!)));
    // The event loop comes round, as it does between answers.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const perRow: number[] = [];
  collectGarbage();
  // No collection is forced between them: it would throw away optimized code with the queues it was optimized for.
  for (let batch = 0; batch < (QUICK ? 10 : 40); batch++) {
    const { user: before } = process.cpuUsage();
    for (let each = 0; each < 400; each++) await round();
    if (batch >= 3) perRow.push(((process.cpuUsage().user - before) * 1_000) / (400 * requests.length));
  }
  const ours = median(perRow);
  return {
    work: "coalescing and splitting alone, a row of ten floats",
    against: "budget: 1 us",
    ours: { value: ours, unit: "ns" },
    theirs: { value: 1_000, unit: "ns" },
    ratio: ours / 1_000,
    goal: atMost(1),
  };
}

function newContext(batching: CallContext["batching"]): CallContext {
  return {
    deadlineAt: Number.POSITIVE_INFINITY,
    cancellation: new Cancellation(),
    headers: NO_HEADERS,
    format: "columnar",
    compression: "none",
    batching,
    attempt: 1,
    avoid: AVOID_NOTHING,
    idempotent: true,
    ledger: {
      attempts: [],
      responseHeaders: undefined,
      responseTrailers: undefined,
      requestBytes: undefined,
      responseBytes: undefined,
    },
  };
}

await report(measure);
