/** Find out whether a model really works, not only whether it is loaded. */
import { createClient } from "tfserving";
import { createHealthCheck } from "tfserving/health";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
await using client = createClient(server.grpcAddress);

const health = createHealthCheck(client, {
  model: "half_plus_two",
  level: "predicts", // "alive" for liveness, "loaded" for startup
  inputs: { x: [1, 2, 5] }, // left out, inputs are made up from the signature
  expect: { y: [2.5, 3, 4.5] }, // or a function: ({ y }) => y.size === 3 || "a row is missing"
  maxLatencyMs: 2_000,
});

const well = await health.check();
console.log(well.status, "-", well.output);
for (const [name, check] of Object.entries(well.checks)) console.log(`  ${name}: ${check.status}, ${check.output}`);

// It can be asked as often as a probe likes: predictions are at least 30 s apart, and the report says how old it is.
const again = await health.check();
console.log(`${again.predictions} prediction so far`); // prints 1 prediction so far

server.setVersionState("half_plus_two", 1, "UNLOADING");
const unwell = await health.check();
console.log(unwell.status, "-", unwell.output);
