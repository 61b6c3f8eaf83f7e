/**
 * A server in a process of its own, with one model that keeps memory for each prediction, one that does so for the first
 * ones only, and one that keeps nothing. Prints its gRPC address; ends when its input does.
 */
import { createTestServer, type ModelDefinition } from "../../src/testing.ts";

const KEPT: Buffer[] = [];
const LEAK_BYTES = 5e6;
/** 200 MB, as a framework takes for its arenas. */
const WARM_UP_PREDICTIONS = 20;
const WARM_UP_BYTES = 10e6;

const vector = { dtype: "float32", shape: [-1] };

/** Filled, because memory that was never written to is none. */
const keep = (bytes: number) => KEPT.push(Buffer.alloc(bytes, 1));

function model(onPredict: (count: number) => void): ModelDefinition {
  let count = 0;
  return {
    versions: {
      1: {
        signatures: { serving_default: { inputs: { x: vector }, outputs: { y: vector } } },
        predict: ({ x }) => {
          onPredict(++count);
          return { y: Float32Array.from(x?.data as Float32Array, (value) => value / 2 + 2) };
        },
      },
    },
  };
}

const server = await createTestServer({
  models: {
    leaks: model(() => keep(LEAK_BYTES)),
    warms: model((count) => void (count <= WARM_UP_PREDICTIONS && keep(WARM_UP_BYTES))),
    sound: model(() => {}),
  },
});
console.log(server.grpcAddress);
process.stdin.resume().on("end", () => void server.close());
