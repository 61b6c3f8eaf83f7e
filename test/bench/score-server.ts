import { Tensor } from "../../src/tensor/tensor.ts";
import { createTestServer } from "../../src/testing/test-server.ts";

/** A model of ten numbers a row that answers with the first, and takes no time for it. */
const WIDTH = 10;
const spec = (shape: readonly number[]) => ({ dtype: "float32", shape });

const server = await createTestServer({
  models: {
    m: {
      versions: {
        1: {
          signatures: { serving_default: { inputs: { x: spec([-1, WIDTH]) }, outputs: { y: spec([-1]) } } },
          predict: ({ x }) => {
            const { data, shape } = x as Tensor<"float32">;
            const firsts = Float32Array.from({ length: shape[0]! }, (_, row) => data[row * WIDTH]!);
            return { y: new Tensor("float32", [firsts.length], firsts) };
          },
        },
      },
    },
  },
});
process.send!({ address: server.grpcAddress });
process.once("disconnect", () => process.exit());
