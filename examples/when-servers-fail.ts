/** What calls get when servers fail: three replicas, of which one resets connections and one is swallowed by the network. */
import { createClient, ServingError } from "tfserving";
import { createFaultProxy, createTestServer, halfPlusTwo } from "tfserving/testing";

const start = () => createTestServer({ models: { half_plus_two: halfPlusTwo } });
await using one = await start();
await using two = await start();
await using three = await start();
// Stands in front of the third server and does to its connections what networks do.
await using proxy = await createFaultProxy(three.grpcAddress);

await using client = createClient([one.grpcAddress, two.grpcAddress, proxy.address], {
  timeoutMs: 10_000, // the whole call
  attemptTimeoutMs: 1_000, // one try of it: what hangs is given up for another server
  onEvent: (event) => {
    if (event.type === "retryScheduled") console.log(`attempt ${event.attempt} failed with ${event.fault.code}`);
  },
});
const model = client.model("half_plus_two");
await model.predict({ x: [1] });

one.inject({ reset: true });
proxy.add({ toxic: "blackHole" });
let answered = 0;
for (let call = 0; call < 20; call++) {
  await model.predict({ x: [call] });
  answered++;
}
console.log(`${answered} of 20 calls were answered`); // prints 20 of 20 calls were answered

// What the client knows of each server.
for (const { address, state, lastFault } of client.endpoints()) {
  console.log(address, state, lastFault?.code ?? "no fault");
}

// With the last one gone too a call fails, and its error says what each server did.
two.inject({ code: "UNAVAILABLE", message: "shutting down" });
try {
  await model.predict({ x: [1] });
} catch (error) {
  if (!(error instanceof ServingError)) throw error;
  console.log(error.message);
}
