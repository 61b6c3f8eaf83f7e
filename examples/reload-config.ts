/** Change what a server serves while it runs. A reload replaces the whole configuration. */
import { createClient, type ModelConfig } from "tfserving";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

await using server = await createTestServer({
  models: { half_plus_two: halfPlusTwo },
  // On the server's disk, but not in its configuration yet.
  storage: { "/models/second": { ...halfPlusTwo.versions, 2: halfPlusTwo.versions[1]! } },
});
await using client = createClient(server.grpcAddress); // reloads need gRPC: REST has none

// There is no way to ask for the configuration in force, so keep yours: what is left out is unloaded.
const kept: ModelConfig = { name: "half_plus_two", basePath: "/models/half_plus_two" };
const added: ModelConfig = { name: "second", basePath: "/models/second", versionPolicy: "all" };
await client.reloadConfig({ config: { models: [kept, added] } });

for (const name of ["half_plus_two", "second"]) {
  await client.model(name).waitUntilReady();
  const { versions } = await client.getModelStatus({ model: name });
  console.log(name, versions.map(({ version, state }) => `${version} ${state}`).join(", "));
}

// A label can point only to a version that is available: load first, wait, label with a second reload.
await client.model("second", { version: 2 }).waitUntilReady();
await client.reloadConfig({ config: { models: [kept, { ...added, versionLabels: { stable: 2 } }] } });
const { modelSpec } = await client.model("second", { versionLabel: "stable" }).predict({ x: [1] });
console.log(`stable is version ${modelSpec.version}`); // prints stable is version 2
