/** Answer the probes of Kubernetes, or of anybody, from a service of one's own. No framework is needed. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "tfserving";
import { createHealthCheck, healthHandler } from "tfserving/health";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

await using serving = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
await using client = createClient(serving.grpcAddress);

const health = createHealthCheck(client, { model: "half_plus_two", inputs: { x: [1] }, expect: { y: [2.5] } });
// This service is not the model server: restarting it would heal nothing, so /livez is about this process alone.
const probes = healthHandler(health, { liveness: "process" });

const server = createServer((request, response) => {
  probes(request, response, () => response.end("the service itself\n"));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

for (const path of ["/livez", "/startupz", "/readyz"]) await show(path);
// prints /livez 200 pass
// prints /startupz 200 pass
// prints /readyz 200 pass

serving.setVersionState("half_plus_two", 1, "UNLOADING");
// A report is used again for a second, so that no number of probes makes work for the server.
await new Promise((resolve) => setTimeout(resolve, 1_300));
await show("/livez");
await show("/readyz"); // prints /readyz 503 fail
console.log(await (await fetch(`${url}/healthz`)).text());

server.close();

async function show(path: string): Promise<void> {
  const answer = await fetch(url + path);
  const { status } = (await answer.json()) as { status: string };
  console.log(`${path} ${answer.status} ${status}`);
}
