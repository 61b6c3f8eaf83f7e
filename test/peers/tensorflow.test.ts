import { afterAll, describe, expect, it } from "vitest";
import { type ExampleInput, tensor } from "../../src/index.ts";
import { type PlainExample, type PlainTensor, startTensorFlow, toPlain, toTensor } from "./tensorflow-peer.ts";

const { client, answers, close } = await startTensorFlow();
afterAll(close);

const cases = Object.entries(answers.predictions).flatMap(([served, predictions]) =>
  predictions.map((prediction) => {
    const [model, version] = served.split(":") as [string, string];
    const shapes = Object.values(prediction.inputs).map(({ dtype, shape }) => `${dtype} [${shape}]`);
    const title = `${served} ${prediction.signature} of ${shapes.join(", ")}`;
    return [title, { ...prediction, model, version: Number(version) }] as const;
  }),
);

function toTensors(plain: Record<string, PlainTensor>) {
  return Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, toTensor(value)]));
}

function toExample(plain: PlainExample): ExampleInput {
  return Object.fromEntries(
    Object.entries(plain).map(([name, feature]) => {
      if ("int64" in feature) return [name, feature.int64.map(BigInt)];
      if ("float" in feature) return [name, feature.float];
      return [name, feature.bytes.map((value) => Uint8Array.from(Buffer.from(value, "base64")))];
    }),
  );
}

function rowsOf<T>(flat: readonly T[], shape: readonly number[]): T[][] {
  const columns = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, row) => flat.slice(row * columns, (row + 1) * columns));
}

describe("client.predict on TensorFlow's runtime", () => {
  describe.each(["content", "values"])("answering as %s", (form) => {
    it.each(cases)("gets TensorFlow's own bits from %s", async (_, { model, version, signature, inputs, outputs }) => {
      const request = { model, version, signatureName: signature, inputs: toTensors(inputs) };
      const answer = await client.predict(request, { headers: { "x-answer-as": form } });
      const got = Object.fromEntries(Object.entries(answer.outputs).map(([name, output]) => [name, toPlain(output)]));
      expect(got).toEqual(outputs);
      expect(answer.modelSpec).toEqual({ name: model, version, signatureName: signature });
    });
  });

  it("returns the outputs of the filter alone", async () => {
    const [, mixed] = cases.find(([, { signature }]) => signature === "mixed")!;
    const { outputs } = await client.predict({
      model: "dtypes",
      signatureName: "mixed",
      inputs: toTensors(mixed.inputs),
      outputFilter: ["count", "labels"],
    });
    expect(Object.keys(outputs).sort()).toEqual(["count", "labels"]);
    expect(toPlain(outputs["count"]!)).toEqual(mixed.outputs["count"]);
  });

  it("reaches a version by number, by label, and the newest by neither", async () => {
    const inputs = { x: tensor.float32([4]) };
    const versions = [{ version: 1 }, { version: 2n }, { versionLabel: "stable" }, { versionLabel: "canary" }, {}];
    const found = await Promise.all(
      versions.map(async (choice) => {
        const { outputs, modelSpec } = await client.predict({ model: "half_plus_two", ...choice, inputs });
        return [modelSpec.version, outputs["y"]!.toNested()];
      }),
    );
    expect(found).toEqual([
      [1, [4]],
      [2, [5]],
      [1, [4]],
      [2, [5]],
      [2, [5]],
    ]);
  });

  it("moves a tensor of 24 MB there and back", async () => {
    const data = Float32Array.from({ length: 6_000_000 }, (_, index) => index / 7);
    const { outputs } = await client.predict({
      model: "dtypes",
      signatureName: "identity_float32",
      inputs: { x: tensor.float32(data, [2, 1000, 3000]) },
    });
    expect(outputs["y"]!.shape).toEqual([2, 1000, 3000]);
    const { buffer, byteOffset, byteLength } = outputs["y"]!.data as Float32Array;
    expect(Buffer.from(buffer, byteOffset, byteLength).equals(Buffer.from(data.buffer))).toBe(true);
  });

  it("reports what TensorFlow refuses, with its code", async () => {
    const inputs = { x: tensor.float32([[1, 2, 3]]) };
    const wrong = client.predict({ model: "dtypes", signatureName: "compute_float32", inputs });
    await expect(wrong).rejects.toMatchObject({ code: "INVALID_ARGUMENT", operation: "predict", model: "dtypes" });
    const unknown = client.predict({ model: "nobody", inputs });
    await expect(unknown).rejects.toMatchObject({ code: "NOT_FOUND", rawMessage: "no model nobody" });
  });
});

describe("client.model on TensorFlow's runtime", () => {
  it("makes tensors of plain values by TensorFlow's signature", async () => {
    const model = client.model("dtypes", { signatureName: "mixed" });
    const { outputs } = await model.predict({
      numbers: [
        [1, 2, 3],
        [0.5, 0.25, 0],
      ],
      names: ["ä", "b"],
      flags: [true, false],
    });
    expect(outputs["total"]!.dtype).toBe("float64");
    expect(outputs["total"]!.toNested()).toEqual([6, 0.75]);
    expect(outputs["labels"]!.toStrings()).toEqual(["ä", "-"]);
    expect(outputs["count"]!.toNested()).toBe(1n);
  });

  it("lets an input with a default be left out", async () => {
    const { outputs } = await client.model("structured", { signatureName: "scaled" }).predict({ x: [2, 4] });
    expect(outputs["y"]!.toNested()).toEqual([5, 10]);
  });

  it("is ready", async () => {
    await expect(client.model("half_plus_two", { version: 1 }).isReady()).resolves.toBe(true);
    await expect(client.model("half_plus_two", { version: 3 }).isReady()).resolves.toBe(false);
  });
});

describe("client.classify, regress and multiInference on TensorFlow's runtime", () => {
  const rows = answers.examples.map(({ examples, context, classes, scores, sums }) => ({
    title: Object.keys(context).length > 0 ? "with a context" : "without a context",
    asked: {
      model: "examples",
      examples: examples.map(toExample),
      context: Object.keys(context).length > 0 ? toExample(context) : undefined,
    },
    labels: rowsOf(toTensor(classes).toStrings(), classes.shape),
    scores: rowsOf([...(toTensor(scores).data as Float32Array)], scores.shape),
    sums: [...(toTensor(sums).data as Float32Array)],
  }));

  describe.each(rows)("$title", ({ asked, labels, scores, sums }) => {
    it("gets labels and scores", async () => {
      const { results, modelSpec } = await client.classify({ ...asked, signatureName: "classify" });
      expect(results).toEqual(labels.map((row, r) => row.map((label, c) => ({ label, score: scores[r]![c] }))));
      expect(modelSpec).toEqual({ name: "examples", version: 1, signatureName: "classify" });
    });

    it("gets scores alone, and labels alone", async () => {
      const scored = await client.classify({ ...asked, signatureName: "classify_scores" });
      expect(scored.results).toEqual(scores.map((row) => row.map((score) => ({ label: "", score }))));
      const labelled = await client.classify({ ...asked, signatureName: "classify_classes" });
      expect(labelled.results).toEqual(labels.map((row) => row.map((label) => ({ label, score: 0 }))));
    });

    it("gets one number a row", async () => {
      const column = await client.regress({ ...asked, signatureName: "regress" });
      const flat = await client.regress({ ...asked, signatureName: "regress_flat" });
      expect(column.results).toEqual(sums);
      expect(flat.results).toEqual(sums);
    });

    it("gets both at once", async () => {
      const { results } = await client.multiInference({
        ...asked,
        tasks: [
          { signatureName: "regress", method: "regress" },
          { signatureName: "classify_scores", method: "classify" },
        ],
      });
      expect(results).toMatchObject([
        { method: "regress", signatureName: "regress", results: sums },
        {
          method: "classify",
          signatureName: "classify_scores",
          results: scores.map((row) => row.map((score) => ({ score }))),
        },
      ]);
    });
  });
});

describe("client.getModelMetadata on TensorFlow's SignatureDefs", () => {
  it.each(Object.entries(answers.signatures))("tells the signatures of %s", async (served, signatures) => {
    const [model, version] = served.split(":") as [string, string];
    const answer = await client.getModelMetadata({ model, version: Number(version) });
    expect(Object.keys(answer.signatures).sort()).toEqual(Object.keys(signatures).sort());
    for (const [name, { methodName, inputs, outputs, defaults }] of Object.entries(signatures)) {
      const found = answer.signatures[name]!;
      expect(found.methodName).toBe(methodName);
      expect({ ...found.inputs }).toEqual(inputs);
      expect({ ...found.outputs }).toEqual(outputs);
      expect(found.defaults ?? []).toEqual(defaults);
    }
    expect(answer.modelSpec).toMatchObject({ name: model, version: Number(version) });
  });
});

describe("client.getModelStatus on the official stubs", () => {
  it("tells each version", async () => {
    const { versions } = await client.getModelStatus({ model: "half_plus_two" });
    expect(versions).toEqual([
      { version: 2, state: "AVAILABLE" },
      { version: 1, state: "AVAILABLE" },
    ]);
  });
});
