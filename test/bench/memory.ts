import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { median } from "./compare.ts";
import { atMost, type Finding, type GroupResult } from "./finding.ts";
import { QUICK, report } from "./group.ts";
import type { Peak } from "./memory-child.ts";
import { sibling } from "./sibling.ts";
import { startServer } from "./start-server.ts";

const run = promisify(execFile);
const CHILD = sibling("memory-child");

async function measure(wire: "gRPC" | "REST", address: string, goal: number): Promise<Finding> {
  const peaks: Peak[] = [];
  for (let time = 0; time < (QUICK ? 1 : 5); time++) {
    const { stdout } = await run(process.execPath, [CHILD, address], { env: { ...process.env, NODE_OPTIONS: "" } });
    peaks.push(JSON.parse(stdout) as Peak);
  }
  const ours = median(peaks.map(({ risenBytes }) => risenBytes));
  const theirs = median(peaks.map(({ replyBytes }) => replyBytes));
  return {
    work: `read a 64 MiB reply over ${wire}, rise of the peak RSS`,
    against: "the reply's bytes",
    ours: { value: ours, unit: "B" },
    theirs: { value: theirs, unit: "B" },
    ratio: ours / theirs,
    goal: atMost(goal),
  };
}

await report(async (): Promise<GroupResult> => {
  const server = await startServer();
  const findings = [
    await measure("gRPC", `grpc://127.0.0.1:${server.grpcPort}`, 2.2),
    await measure("REST", `http://127.0.0.1:${server.httpPort}`, 2.5),
  ];
  server.stop();
  return { findings };
});
