/** The sidecar of probes.yaml: answers the probes of the TensorFlow Serving in the same pod. */
import { createServer } from "node:http";
import { createClient } from "tfserving";
import { createHealthCheck, healthHandler } from "tfserving/health";

const { TFS_ADDRESS = "grpc://127.0.0.1:8500", MODEL = "ranker", PORT = "8080" } = process.env;

const client = createClient(TFS_ADDRESS);
// A real example with its expected values proves more than the zeros that are sent where none is given.
const health = createHealthCheck(client, { model: MODEL, maxLatencyMs: 2_000 });
const server = createServer(healthHandler(health));
server.listen(Number(PORT), () => {
  const address = server.address();
  console.log(`probes of ${MODEL} at ${TFS_ADDRESS} on port ${typeof address === "object" ? address?.port : PORT}`);
});

process.once("SIGTERM", () => {
  server.close();
  void client.close();
});
