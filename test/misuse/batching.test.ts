import { describe, expect, it } from "vitest";
import { checkOptions } from "../../src/assembly/check-options.ts";
import { parseAddress } from "../../src/client/address.ts";
import { rejection, setUp } from "../unit/client/fake-transport.ts";

const WRONG: readonly [batching: unknown, problem: string][] = [
  [1, 'option "batching" must be true, false or an object, got 1'],
  [[], 'option "batching" must be true, false or an object, got an array'],
  [{ maxBatch: 5 }, 'unknown option "batching.maxBatch"; did you mean "batching.maxBatchSize"?'],
  [{ maxBatchSize: 0 }, 'option "batching.maxBatchSize" must be a whole number from 1, got 0'],
  [{ maxBatchSize: 1.5 }, 'option "batching.maxBatchSize" must be a whole number from 1, got 1.5'],
  [{ batchTimeoutMs: -1 }, 'option "batching.batchTimeoutMs" must be a number of milliseconds from 0, got -1'],
  [{ maxBatchBytes: "3MiB" }, 'option "batching.maxBatchBytes" must be a whole number from 1, got "3MiB"'],
  [{ maxEnqueuedBatches: 0 }, 'option "batching.maxEnqueuedBatches" must be a whole number from 1, got 0'],
  [{ maxInFlight: 0 }, 'option "batching.maxInFlight" must be a whole number from 1, or Infinity, got 0'],
  [{ padVariableLengthInputs: 1 }, 'option "batching.padVariableLengthInputs" must be true or false, got 1'],
  [
    { allowedBatchSizes: [] },
    'option "batching.allowedBatchSizes" must be a list of at least one whole number from 1, got an array',
  ],
  [{ allowedBatchSizes: [4, 2] }, 'option "batching.allowedBatchSizes" must rise, got [4, 2]'],
  [
    { allowedBatchSizes: [2, 4], maxBatchSize: 8 },
    'option "batching.maxBatchSize" must be the last of "batching.allowedBatchSizes" (4), got 8',
  ],
];

describe("the option batching, misused", () => {
  it.each(WRONG)("%j on a client is a TypeError", (batching, problem) => {
    const target = parseAddress("grpc://h", "createClient");
    expect(() => checkOptions({ batching } as never, [target], "createClient")).toThrow(
      new TypeError(`createClient: ${problem}`),
    );
  });

  it.each(WRONG)("%j on a handle is a TypeError", (batching, problem) => {
    const { client } = setUp();
    expect(() => client.model("m", { batching } as never)).toThrow(new TypeError(`model("m"): ${problem}`));
  });

  it.each(WRONG)("%j on a call rejects", async (batching, problem) => {
    const { client } = setUp();
    const failure = await rejection(client.predict({ model: "m", inputs: {} }, { batching } as never));
    expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", rawMessage: `predict: ${problem}` });
  });

  it("in the request says where it belongs", async () => {
    const { client } = setUp();
    const failure = await rejection(client.predict({ model: "m", inputs: {}, batching: true } as never));
    expect(failure).toMatchObject({
      rawMessage: 'predict: the request has the unknown key "batching": it goes into the second argument, the options',
    });
  });
});
