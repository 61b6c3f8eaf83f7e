/** Encrypted connections, both sides known by certificates, and a token that is asked for anew with each attempt. */
import { readFileSync } from "node:fs";
import { createClient, ServingError } from "tfserving";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

// Certificates made for tests; never trust them anywhere else.
const pem = (name: string) => readFileSync(new URL(`../test/fixtures/tls/${name}.pem`, import.meta.url));

await using server = await createTestServer({
  models: { half_plus_two: halfPlusTwo },
  tls: { cert: pem("server"), key: pem("server-key"), ca: pem("ca"), clientVerify: true },
});

// grpcs: and https: speak TLS. Without `ca` the system's certificates are trusted.
const tls = { ca: pem("ca"), cert: pem("client"), key: pem("client-key") };
const tokens = { current: async () => "t0ken" };

for (const address of [server.grpcAddress, server.restAddress]) {
  await using client = createClient(address, { tls, auth: async () => `Bearer ${await tokens.current()}` });
  const { outputs } = await client.model("half_plus_two").predict({ x: [1, 2, 5] });
  console.log(client.wire, outputs["y"]?.toNested());
}
const told = server.calls.map((call) => call.headers["authorization"]);
console.log(told.every((header) => header === "Bearer t0ken")); // prints true

// Who does not trust the authority gets an error that says so, and sends nothing.
await using stranger = createClient(server.grpcAddress);
try {
  await stranger.getModelStatus({ model: "half_plus_two" });
} catch (error) {
  if (!(error instanceof ServingError)) throw error;
  console.log(error.code, error.kind); // prints UNAVAILABLE tls
}
