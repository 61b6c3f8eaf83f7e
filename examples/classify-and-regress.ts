/** Ask signatures that take examples: plain objects of features. */

import type { Example } from "tfserving";
import { createClient } from "tfserving";
import { createTestServer, type ModelDefinition } from "tfserving/testing";

const age = (example: Example): number => {
  const feature = example.features.get("age");
  return feature?.kind === "int64" ? Number(feature.values[0]) : 0;
};

const text = { dtype: "string", shape: [-1] };
const customers: ModelDefinition = {
  versions: {
    1: {
      signatures: {
        serving_default: {
          methodName: "tensorflow/serving/classify",
          inputs: { inputs: text },
          outputs: { classes: { dtype: "string", shape: [-1, 2] }, scores: { dtype: "float32", shape: [-1, 2] } },
        },
        income: {
          methodName: "tensorflow/serving/regress",
          inputs: { inputs: text },
          outputs: { outputs: { dtype: "float32", shape: [-1, 1] } },
        },
      },
      classify: (examples) =>
        examples.map((example) => [
          { label: "young", score: age(example) < 30 ? 1 : 0 },
          { label: "old", score: age(example) < 30 ? 0 : 1 },
        ]),
      regress: (examples) => examples.map((example) => 1_000 * age(example)),
    },
  },
};

await using server = await createTestServer({ models: { customers } });
await using client = createClient(server.grpcAddress);

// bigint is int64, number float, string or bytes bytes; { int64: [35] } says it outright.
const examples = [{ age: 35n, job: "clerk" }, { age: 21n }];

const classes = await client.classify({ model: "customers", examples });
console.log(classes.results.map(([first, second]) => (first!.score > second!.score ? first!.label : second!.label))); // prints [ 'old', 'young' ]

const values = await client.regress({ model: "customers", signatureName: "income", examples });
console.log(values.results); // prints [ 35000, 21000 ]

// Several questions on the same examples in one call: gRPC only.
const both = await client.multiInference({
  model: "customers",
  tasks: [
    { signatureName: "serving_default", method: "classify" },
    { signatureName: "income", method: "regress" },
  ],
  examples,
});
for (const result of both.results) console.log(result.signatureName, JSON.stringify(result.results));
