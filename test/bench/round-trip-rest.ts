import { tensor } from "tfserving";
import { createRestClient } from "tfserving/rest";
import { request } from "undici";
import { atLeast, type Finding, type GroupResult, type Rate } from "./finding.ts";
import { QUICK, report } from "./group.ts";
import { type Caller, compareLoads } from "./load.ts";
import { startServer } from "./start-server.ts";
import { IMAGE_SHAPE, IMAGE_SIZE, randomFloats, toNestedArrays } from "./tensors.ts";

const OURS = "tfserving";
const UNDICI = "undici.request + JSON";

interface Case {
  readonly work: string;
  readonly values: Float32Array;
  readonly shape: readonly number[];
  /** The model's name, which is what the server chooses its reply by. */
  readonly model: string;
  readonly concurrency: number;
  readonly goal?: number;
}

const SMALL = { values: randomFloats(10), shape: [1, 10], model: "small" };
const IMAGE = { values: randomFloats(IMAGE_SIZE), shape: IMAGE_SHAPE };

const CASES: readonly Case[] = [
  { work: "small REST predict, concurrency 1", ...SMALL, concurrency: 1, goal: 1.7 },
  { work: "small REST predict, concurrency 16", ...SMALL, concurrency: 16, goal: 1.7 },
  { work: "REST predict, image to 1000 scores", ...IMAGE, model: "scores", concurrency: 1, goal: 3.5 },
  { work: "REST predict, image to image", ...IMAGE, model: "image", concurrency: 1, goal: 3.5 },
];

function restCallers(port: number, { values, shape, model }: Case): { callers: Caller[]; close(): Promise<void> } {
  const origin = `http://127.0.0.1:${port}`;
  const client = createRestClient(origin);
  const headers = { "content-type": "application/json" };
  const callers: Caller[] = [
    { name: OURS, call: () => client.predict({ model, inputs: { images: tensor.float32(values, shape) } }) },
    {
      name: UNDICI,
      async call() {
        const body = JSON.stringify({ inputs: { images: toNestedArrays(values, shape) } });
        const reply = await request(`${origin}/v1/models/${model}:predict`, { method: "POST", headers, body });
        return reply.body.json();
      },
    },
  ];
  return { callers, close: () => client.close() };
}

async function measure(): Promise<GroupResult> {
  const server = await startServer();
  const findings: Finding[] = [];
  const rates: Rate[] = [];
  for (const each of CASES) {
    const { work, concurrency, goal } = each;
    const { callers, close } = restCallers(server.httpPort, each);
    const loads = await compareLoads(callers, { concurrency, rounds: QUICK ? 3 : 15, sliceMs: QUICK ? 200 : 500 });
    findings.push({
      work: `${work}, client CPU a call`,
      against: UNDICI,
      ours: { value: loads.of(OURS).cpuNs, unit: "ns" },
      theirs: { value: loads.of(UNDICI).cpuNs, unit: "ns" },
      ratio: loads.cpuRatio(UNDICI, OURS),
      ...(goal === undefined ? {} : { goal: atLeast(goal) }),
    });
    for (const { name } of callers) rates.push({ work, caller: name, ...loads.of(name) });
    await close();
  }
  server.stop();
  return { findings, rates };
}

await report(measure);
