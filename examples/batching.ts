/** Let callers that know nothing of each other share requests, and score more rows than memory holds. */
import { createClient, ServingError, type Tensor } from "tfserving";
import { createTestServer } from "tfserving/testing";

// y = x / 2 + 2 for each row, 2 ms a request, as on a device that does one thing at a time. Negative numbers are refused.
let requests = 0;
await using server = await createTestServer({
  models: {
    half_plus_two: {
      latencyMs: 2,
      versions: {
        1: {
          signatures: {
            serving_default: {
              inputs: { x: { dtype: "float32", shape: [-1] } },
              outputs: { y: { dtype: "float32", shape: [-1] } },
            },
          },
          predict: ({ x }) => {
            requests++;
            const { data } = x as Tensor<"float32">;
            if (data.some((value) => value < 0)) {
              throw new ServingError("negative", { code: "INVALID_ARGUMENT", kind: "invalid" });
            }
            return { y: data.map((value) => value / 2 + 2) };
          },
        },
      },
    },
  },
});

// One option. Callers stay as they are: each has its own answer, timeout, signal and error.
await using client = createClient(server.grpcAddress, { batching: true });
const model = client.model("half_plus_two");
await model.signature(); // would say here and now that a model cannot share requests

const answers = await Promise.all([1, 2, 5, 8].map((value) => model.predict({ x: [value] })));
console.log(answers.map(({ outputs }) => outputs["y"]?.toNested())); // prints [ [ 2.5 ], [ 3 ], [ 4.5 ], [ 6 ] ]
console.log(requests, "request"); // prints 1 request

// A row that the model refuses fails alone: the batch is halved until it is found.
const mixed = await Promise.allSettled([1, -1, 5].map((value) => model.predict({ x: [value] })));
console.log(mixed.map(({ status }) => status)); // prints [ 'fulfilled', 'rejected', 'fulfilled' ]

// Any number of rows, of which only some are in memory at a time; each result is a response or an error.
function* rows() {
  for (let value = 0; value < 10_000; value++) yield { x: [value] };
}
requests = 0;
let sum = 0;
for await (const { response, error } of model.predictMany(rows())) {
  if (response === undefined) throw error;
  sum += (response.outputs["y"] as Tensor<"float32">).data[0] ?? 0;
}
console.log(sum, requests < 200); // prints 25017500 true
