/** Put something of your own around every call: here a request id, and a line about how long it took. */
import { randomUUID } from "node:crypto";
import { createClient, type Middleware } from "tfserving";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });

const identified: Middleware = (call, next) =>
  next({ ...call, headers: { ...call.headers, "x-request-id": randomUUID() } });

const timed: Middleware = async (call, next) => {
  const started = performance.now();
  try {
    return await next(call);
  } finally {
    console.log(`${call.operation} took ${(performance.now() - started).toFixed(1)} ms`);
  }
};

// The first of the list is the outermost. Both wires take the same.
for (const address of [server.grpcAddress, server.restAddress]) {
  await using client = createClient(address, { middleware: [timed, identified] });
  await client.model("half_plus_two").predict({ x: [1, 2, 5] });
}
const sent = server.calls.filter((call) => call.operation === "predict");
console.log(sent.every((call) => call.headers["x-request-id"] !== undefined)); // prints true
