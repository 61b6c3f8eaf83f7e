// The same through require().
const assert = require("node:assert/strict");
const { createClient, tensor } = require("tfserving");
const { createGrpcClient } = require("tfserving/grpc");
const { createRestClient } = require("tfserving/rest");
const { createTestServer } = require("tfserving/testing");

const signature = {
  methodName: "tensorflow/serving/predict",
  inputs: { x: { dtype: "float32", shape: [-1], tensorName: "x:0" } },
  outputs: { y: { dtype: "float32", shape: [-1], tensorName: "y:0" } },
};

async function main() {
  const server = await createTestServer({
    models: {
      half_plus_two: {
        versions: {
          1: {
            signatures: { serving_default: signature },
            predict: ({ x }) => ({ y: tensor.float32(x.data.map((value) => value / 2 + 2)) }),
          },
        },
      },
    },
  });
  const { grpcAddress, restAddress } = server;
  const clients = [
    createClient(grpcAddress),
    createClient(restAddress),
    createGrpcClient(grpcAddress),
    createRestClient(restAddress),
  ];
  for (const client of clients) {
    const { outputs } = await client.model("half_plus_two").predict({ x: [1, 2, 5] });
    assert.deepEqual(outputs.y.toNested(), [2.5, 3, 4.5]);
    await client.close();
  }
  await server.close();
  console.log(`smoke ok on ${process.version}`);
}

main();
