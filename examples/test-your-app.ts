/** Test code that uses a model, without a model: against a client without sockets, then against a server with faults. */
import assert from "node:assert/strict";
import { createClient, type ServingClient, ServingError } from "tfserving";
import { createFakeClient, createTestServer, halfPlusTwo } from "tfserving/testing";

// What is under test: your own code.
async function largest(client: ServingClient, x: number[]): Promise<number> {
  const { outputs } = await client.model("half_plus_two").predict({ x });
  return Math.max(...((outputs["y"]?.data ?? []) as Float32Array));
}

// In a unit test the fake client is enough: the same interface, signatures and errors, no sockets.
await using fake = createFakeClient({ half_plus_two: halfPlusTwo });
assert.equal(await largest(fake, [1, 2, 5]), 4.5);

// The test server speaks both wires and counts what reaches it.
await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
await using client = createClient(server.restAddress);
assert.equal(await largest(client, [1, 2, 5]), 4.5);

// How does your code take a version that goes away?
server.setVersionState("half_plus_two", 1, "UNLOADING");
await assert.rejects(
  () => largest(client, [1]),
  (error) => error instanceof ServingError && error.code === "NOT_FOUND",
);

console.log("all as expected"); // prints all as expected
