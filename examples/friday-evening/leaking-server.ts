/**
 * The model server of the story, as a process of its own: version 46 is sound, version 47 answers as fast and as right, and
 * keeps 50 MB of every prediction. They are real bytes: the operating system counts them.
 *
 * Prints its address; ends when its input does.
 */
import { createTestServer, type VersionDefinition } from "tfserving/testing";

const LEAK_BYTES = 50_000_000;
const kept: Buffer[] = [];

const vector = { dtype: "float32", shape: [-1] };

function ranker(keepBytes: number): VersionDefinition {
  return {
    signatures: { serving_default: { inputs: { features: vector }, outputs: { scores: vector } } },
    predict: ({ features }) => {
      if (keepBytes > 0) kept.push(Buffer.alloc(keepBytes, 1));
      return { scores: Float32Array.from(features?.data as Float32Array, (value) => value / 2 + 2) };
    },
  };
}

const server = await createTestServer({
  models: { ranker: { versionPolicy: "all", versions: { 46: ranker(0), 47: ranker(LEAK_BYTES) } } },
});
console.log(server.grpcAddress);
process.stdin.resume().on("end", () => void server.close());
