import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createTestServer, type VersionDefinition } from "../../../../src/testing.ts";

const VECTOR = { dtype: "float32", shape: [-1] };

/** A test server and a page that tells its memory: version 2 keeps `each` bytes of every prediction, version 1 nothing. */
export async function openLeakingWorld(each = 50e6) {
  let kept = 0;
  let predictions = 0;
  const ranker = (bytes: number): VersionDefinition => ({
    signatures: { serving_default: { inputs: { x: VECTOR }, outputs: { y: VECTOR } } },
    predict: ({ x }) => {
      kept += bytes;
      predictions++;
      return { y: x?.data as Float32Array };
    },
  });
  const server = await createTestServer({
    prometheus: true,
    models: { ranker: { versionPolicy: "all", versions: { 1: ranker(0), 2: ranker(each) } } },
  });
  const page = createServer((_request, response) => response.end(`mem_bytes{name="tf"} ${8e9 + kept}\n`));
  await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
  const { port } = page.address() as AddressInfo;
  const memory = ["--memory-prometheus", `http://127.0.0.1:${port}/metrics`, "--metric", "mem_bytes"];
  return {
    grpc: server.grpcAddress,
    rest: server.restAddress,
    /** How many were made so far. */
    predictions: () => predictions,
    /** Where that memory is read. */
    memory: [...memory, "--metric-label", "name=tf", "--memory-limit", "32GB"],
    metrics: ["--metrics", `${server.restAddress}/monitoring/prometheus/metrics`],
    close: async () => {
      page.closeAllConnections();
      await Promise.all([new Promise((resolve) => page.close(resolve)), server.close()]);
    },
  };
}
