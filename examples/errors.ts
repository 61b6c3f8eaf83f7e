/** What goes wrong, how it reads, and what to branch on. The same on both wires. */
import { createClient, ServingError } from "tfserving";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
await using client = createClient(server.grpcAddress);
const model = client.model("half_plus_two");

async function show(what: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    console.log(`${what}\n  code ${error.code}, kind ${error.kind}, retryable ${error.retryable}\n  ${error.message}`);
  }
}

// Found before anything is sent, because the signature is known.
await show("a wrong name", () => model.predict({ instances: [1, 2, 5] }));
await show("rows of different lengths", () => model.predict({ x: [[1, 2], [3]] }));
// Answered by the server.
await show("no such model", () => client.getModelStatus({ model: "half_plus_tow" }));
await show("no such version", () => client.predict({ model: "half_plus_two", version: 7, inputs: { x: [1] } }));
// Nobody answers.
await using nobody = createClient("grpc://127.0.0.1:1");
await show("no server there", () => nobody.getModelStatus({ model: "half_plus_two" }, { timeoutMs: 2_000 }));
