/**
 * The server of the captures, as a process of its own: version 46 of the ranker is sound, version 47 keeps some megabytes
 * of each prediction, really. Prints both ports; ends when its input does.
 */
import { createTestServer, type VersionDefinition } from "../../../src/testing.ts";

const LEAK_BYTES = Number(process.argv[2]);
const kept: Buffer[] = [];
const vector = { dtype: "float32", shape: [-1] };

function ranker(keepBytes: number): VersionDefinition {
  return {
    signatures: { serving_default: { inputs: { features: vector }, outputs: { scores: vector } } },
    predict: async ({ features }) => {
      if (keepBytes > 0) kept.push(Buffer.alloc(keepBytes, 1));
      await new Promise((resolve) => setTimeout(resolve, 8 + 6 * Math.random()));
      return { scores: features?.data as Float32Array };
    },
  };
}

const server = await createTestServer({
  prometheus: true,
  models: { ranker: { versionPolicy: "all", versions: { 46: ranker(0), 47: ranker(LEAK_BYTES) } } },
});
console.log([server.grpcAddress, server.restAddress].map((address) => new URL(address).port).join(" "));
process.stdin.resume().on("end", () => void server.close());
