/** Give up a call: by a timeout of its own, or because the caller has lost interest. */
import { createClient, ServingError } from "tfserving";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

// A model that takes five seconds.
await using server = await createTestServer({ models: { slow: { ...halfPlusTwo, latencyMs: 5_000 } } });
await using client = createClient(server.grpcAddress);
const model = client.model("slow");
await model.signature(); // so that the calls below are the prediction and nothing else

// The whole call, connecting and reading included, may take 100 ms.
try {
  await model.predict({ x: [1] }, { timeoutMs: 100 });
} catch (error) {
  if (!(error instanceof ServingError)) throw error;
  console.log(error.code, error.kind); // prints DEADLINE_EXCEEDED timeout
}

// Somebody else decides. The call rejects with the very reason that was given.
const controller = new AbortController();
const reason = new Error("the user closed the page");
setTimeout(() => controller.abort(reason), 50);
try {
  await model.predict({ x: [1] }, { signal: controller.signal });
} catch (error) {
  console.log(error === reason, String(error)); // prints true Error: the user closed the page
}
