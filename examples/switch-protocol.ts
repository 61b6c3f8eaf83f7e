/** The same program over gRPC and over REST: only the address differs. */
import { createClient, type ServingClient } from "tfserving";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });

async function ask(client: ServingClient): Promise<void> {
  const { outputs } = await client.model("half_plus_two").predict({ x: [1, 2, 5] });
  console.log(`${client.wire}: ${outputs["y"]} ${JSON.stringify(outputs["y"]?.toNested())}`);
}

for (const address of [server.grpcAddress, server.restAddress]) {
  await using client = createClient(address);
  await ask(client);
}
