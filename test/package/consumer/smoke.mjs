// Runs in a project that has nothing but the packed package: a server, a client on each wire, one predict each.
import assert from "node:assert/strict";
import { createClient, ServingError, tensor } from "tfserving";
import { createGrpcClient } from "tfserving/grpc";
import { createHealthCheck } from "tfserving/health";
import { createRestClient } from "tfserving/rest";
import { createTestServer } from "tfserving/testing";

const signature = {
  methodName: "tensorflow/serving/predict",
  inputs: { x: { dtype: "float32", shape: [-1], tensorName: "x:0" } },
  outputs: { y: { dtype: "float32", shape: [-1], tensorName: "y:0" } },
};
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
  assert.equal(outputs.y.dtype, "float32");
  await assert.rejects(client.getModelStatus({ model: "absent" }), (error) => {
    return error instanceof ServingError && error.code === "NOT_FOUND";
  });
  const report = await createHealthCheck(client, { model: "half_plus_two", level: "loaded" }).check();
  assert.equal(report.status, "pass");
  await client.close();
}
await server.close();
console.log(`smoke ok on ${process.version}`);
