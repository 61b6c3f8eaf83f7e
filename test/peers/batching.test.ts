import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type BatchEvent, createClient, type PredictResponse, slice, type Tensor, tensor } from "../../src/index.ts";
import { startTensorFlow, toPlain, toTensor } from "./tensorflow-peer.ts";

const guesslang = fileURLToPath(new URL("../../node_modules/@vscode/vscode-languagedetection/model", import.meta.url));
const { address, answers, close } = await startTensorFlow(guesslang);
const sent: Extract<BatchEvent, { type: "batchSent" }>[] = [];
const client = createClient(address, {
  batching: true,
  onEvent: (event) => {
    if (event.type === "batchSent") sent.push(event);
  },
});
afterAll(async () => {
  await client.close();
  await close();
});
beforeEach(() => {
  sent.length = 0;
});

/** The requests that went out: the rows of each. */
function requests(): number[] {
  return sent.map(({ rows }) => rows);
}

/** As numpy.allclose has it, with nothing for the integers and texts that it is not meant for. */
function expectClose(mine: Tensor, theirs: Tensor): void {
  expect([mine.dtype, mine.shape]).toEqual([theirs.dtype, theirs.shape]);
  if (mine.dtype !== "float32") {
    expect(toPlain(mine)).toEqual(toPlain(theirs));
    return;
  }
  const expected = theirs.data as Float32Array;
  for (const [at, value] of (mine.data as Float32Array).entries()) {
    expect(Math.abs(value - expected[at]!)).toBeLessThanOrEqual(1e-7 + 1e-5 * Math.abs(expected[at]!));
  }
}

function expectAllClose(mine: readonly PredictResponse[], theirs: readonly PredictResponse[]): void {
  expect(mine.length).toBe(theirs.length);
  for (const [index, { outputs }] of mine.entries()) {
    const expected = theirs[index]!.outputs;
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, output] of Object.entries(outputs)) expectClose(output, expected[name]!);
  }
}

describe("calls that share requests, on TensorFlow's runtime", () => {
  it("get from a trained network what they get alone, within allclose", async () => {
    const model = client.model("guesslang");
    const asked = answers.predictions["guesslang:1"]![0]!;
    const [input] = Object.keys(asked.inputs) as [string];
    const known = toTensor(asked.inputs[input]!).toStrings();
    const texts = Array.from({ length: 64 }, (_, index) => `${known[index % known.length]!}\n${"x ".repeat(index)}`);
    await model.signature();
    const shared = await Promise.all(texts.map((text) => model.predict({ [input]: [text] })));
    expect(requests()).toEqual([64]);
    const alone: PredictResponse[] = [];
    for (const text of texts) alone.push(await model.predict({ [input]: [text] }, { batching: false }));
    expectAllClose(shared, alone);
  });

  const computed = answers.predictions["dtypes:7"]!.filter(
    ({ signature, inputs }) => signature.startsWith("compute_") && inputs["x"]!.shape[0] === 5,
  );
  it.each(computed)("get the numbers of their own rows: $signature", async ({ signature, inputs, outputs }) => {
    const [x, y] = [toTensor(inputs["x"]!), toTensor(outputs["y"]!)];
    const model = client.model("dtypes", { signatureName: signature });
    await model.signature();
    const parts = [0, 1, 2, 3, 4].map((row) => slice(x, row, row + 1));
    const shared = await Promise.all(parts.map((part) => model.predict({ x: part })));
    expect(requests()).toEqual([5]);
    const expected = shared.map((_, row) => toPlain(slice(y, row, row + 1)));
    expect(shared.map((answer) => toPlain(answer.outputs["y"]!))).toEqual(expected);
  });

  it("get their own results from classify and regress, with contexts of their own", async () => {
    const examples = [1n, 2n, 3n].map((age) => ({ age, weights: [0.5, 0.25] }));
    const contexts = [{ country: ["NL"] }, undefined, { country: ["BE!"] }];
    const ask = (batching: boolean) => {
      const asked = examples.map((example, index) => ({
        model: "examples",
        examples: [example],
        context: contexts[index],
      }));
      return Promise.all([
        ...asked.map((each) => client.classify({ ...each, signatureName: "classify" }, { batching })),
        ...asked.map((each) => client.regress({ ...each, signatureName: "regress" }, { batching })),
      ]);
    };
    const shared = await ask(true);
    expect(requests()).toEqual([3, 3]);
    expect(shared.map(({ results }) => results)).toEqual((await ask(false)).map(({ results }) => results));
    expect(new Set(shared.map(({ results }) => JSON.stringify(results))).size).toBe(6);
  });

  it("fail alone where TensorFlow cannot parse their example", async () => {
    const examples = [{ age: 1n, weights: [1, 2] }, { weights: [1, 2] }, { age: 3n, weights: [1, 2] }];
    const results = await Promise.allSettled(
      examples.map((example) => client.regress({ model: "examples", signatureName: "regress", examples: [example] })),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: { code: "INVALID_ARGUMENT", kind: "invalid" } });
  });

  it("are filled up to the sizes that are allowed, and get their rows alone", async () => {
    const model = client.model("half_plus_two", { version: 1, batching: { allowedBatchSizes: [4, 8] } });
    await model.signature();
    const shared = await Promise.all([1, 2, 5, 8, 9].map((value) => model.predict({ x: [value] })));
    expect(sent.map(({ rows, paddingRows }) => [rows, paddingRows])).toEqual([[5, 3]]);
    expect(shared.map(({ outputs }) => outputs["y"]!.toNested())).toEqual([[2.5], [3], [4.5], [6], [6.5]]);
  });

  it("are filled up to one length where that is asked for, and cut back to their own", async () => {
    const model = client.model("sequences", { batching: { padVariableLengthInputs: true } });
    await model.signature();
    const inputs = [
      [[1]],
      [[2, 4, 6]],
      [
        [3, 5],
        [7, 9],
      ],
    ].map((rows) => ({ x: tensor.float32(rows) }));
    const shared = await Promise.all(inputs.map((each) => model.predict(each)));
    expect(requests()).toEqual([4]);
    const alone = await Promise.all(inputs.map((each) => model.predict(each, { batching: false })));
    expectAllClose(shared, alone);
  });

  it("are refused for a signature with an output that is no batch", async () => {
    const model = client.model("dtypes", { signatureName: "mixed", batching: true });
    await expect(model.signature()).rejects.toMatchObject({ code: "INVALID_ARGUMENT", kind: "invalid" });
  });
});
