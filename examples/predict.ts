/** Ask a model for a prediction over gRPC. */
import { createClient } from "tfserving";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

// A server to ask. With one of your own, only its address is needed: "grpc://localhost:8500".
await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });

await using client = createClient(server.grpcAddress);
const model = client.model("half_plus_two");

// Plain values take the dtype that the model's signature says, and are checked before anything is sent.
const { outputs, modelSpec } = await model.predict({ x: [1, 2, 5] });

console.log(`version ${modelSpec.version}:`, outputs["y"]?.toNested()); // prints version 1: [ 2.5, 3, 4.5 ]
