import { atMost, type GroupResult } from "./finding.ts";
import { QUICK, report } from "./group.ts";
import { GRPC_CALLERS, grpcCallers } from "./grpc-callers.ts";
import { heapPerCall } from "./load.ts";
import { startServer } from "./start-server.ts";
import { randomFloats } from "./tensors.ts";

/** What a small call leaves to the collector. Apart from the calls' times, which want the heap that users have. */
async function measure(): Promise<GroupResult> {
  const server = await startServer();
  const { callers, close } = grpcCallers(server.grpcPort, { values: randomFloats(10), shape: [1, 10], reply: "small" });
  const [rounds, calls] = QUICK ? [3, 200] : [9, 1000];
  const heapOf = (name: string) => heapPerCall(callers.find((caller) => caller.name === name)!, rounds, calls);
  const ours = await heapOf(GRPC_CALLERS.ours);
  const theirs = await heapOf(GRPC_CALLERS.bytes);
  await close();
  server.stop();
  return {
    findings: [
      {
        work: "small gRPC predict, heap a call",
        against: `floor: ${GRPC_CALLERS.bytes}`,
        ours: { value: ours, unit: "B" },
        theirs: { value: theirs, unit: "B" },
        ratio: ours / theirs,
        goal: atMost(1.05),
      },
    ],
  };
}

await report(measure);
