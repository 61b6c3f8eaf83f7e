import { atLeast, type Finding, type GroupResult, type Rate } from "./finding.ts";
import { QUICK, report } from "./group.ts";
import { GRPC_CALLERS, grpcCallers, type Work } from "./grpc-callers.ts";
import { compareLoads } from "./load.ts";
import { startServer } from "./start-server.ts";
import { IMAGE_SHAPE, IMAGE_SIZE, randomFloats } from "./tensors.ts";

const SMALL: Work = { values: randomFloats(10), shape: [1, 10], reply: "small" };
const IMAGE: Work = { values: randomFloats(IMAGE_SIZE), shape: IMAGE_SHAPE, reply: "scores" };
const IMAGES: Work = { ...IMAGE, reply: "image" };

const { ours, floatVal, content, loader, bytes } = GRPC_CALLERS;

interface Case {
  readonly work: string;
  readonly load: Work;
  readonly concurrency: number;
  readonly goals: Readonly<Record<string, number>>;
}

const CASES: readonly Case[] = [
  { work: "small gRPC predict, concurrency 1", load: SMALL, concurrency: 1, goals: { [floatVal]: 1.2 } },
  { work: "small gRPC predict, concurrency 16", load: SMALL, concurrency: 16, goals: { [floatVal]: 1.4 } },
  { work: "gRPC predict, image to 1000 scores", load: IMAGE, concurrency: 1, goals: { [floatVal]: 7 } },
  { work: "gRPC predict, image to image", load: IMAGES, concurrency: 1, goals: { [floatVal]: 7 } },
];

async function measure(): Promise<GroupResult> {
  const server = await startServer();
  const findings: Finding[] = [];
  const rates: Rate[] = [];
  for (const { work, load, concurrency, goals } of CASES) {
    const { callers, close } = grpcCallers(server.grpcPort, load);
    const loads = await compareLoads(callers, { concurrency, rounds: QUICK ? 3 : 15, sliceMs: QUICK ? 150 : 500 });
    for (const name of [floatVal, content, loader, bytes]) {
      const goal = goals[name];
      findings.push({
        work: `${work}, client CPU a call`,
        against: name,
        ours: { value: loads.of(ours).cpuNs, unit: "ns" },
        theirs: { value: loads.of(name).cpuNs, unit: "ns" },
        ratio: loads.cpuRatio(name, ours),
        ...(goal === undefined ? {} : { goal: atLeast(goal) }),
      });
    }
    for (const { name } of callers) {
      rates.push({ work, caller: name, ...loads.of(name) });
    }
    await close();
  }
  server.stop();
  return { findings, rates };
}

await report(measure);
