import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conformanceModel } from "./models.ts";
import { type OpenWire, wires } from "./wires.ts";

const EXAMPLE = { age: 35n, score: 8, tags: ["a", "b"], raw: Uint8Array.of(0, 255) };

describe.each(wires)("classify, regress and multiInference over $name", (wire) => {
  let open: OpenWire;
  beforeAll(async () => {
    open = await wire.open({ m: conformanceModel() });
  });
  afterAll(() => open.close());

  it("classifies each example, with the context's features in it", async () => {
    const { results, modelSpec } = await open.client.classify({
      model: "m",
      version: 2,
      signatureName: "label_it",
      examples: [EXAMPLE, { only: 1.5 }],
      context: { shared: "x" },
    });
    expect(results).toEqual([
      [
        { label: "features: age,raw,score,shared,tags", score: 0.5 },
        { label: "version 2", score: 0.25 },
      ],
      [
        { label: "features: only,shared", score: 0.5 },
        { label: "version 2", score: 0.25 },
      ],
    ]);
    expect(modelSpec).toMatchObject({ name: "m", version: 2 });
  });

  it("regresses each example", async () => {
    const { results } = await open.client.regress({
      model: "m",
      version: 1,
      signatureName: "score_it",
      examples: [EXAMPLE, { only: 1.5 }],
    });
    expect(results).toEqual([4.125, 1.125]);
  });

  it("refuses an empty list of examples and a name that stands in context and example", async () => {
    await expect(open.client.classify({ model: "m", signatureName: "label_it", examples: [] })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      attempts: [],
    });
    await expect(
      open.client.regress({ model: "m", signatureName: "score_it", examples: [{ a: 1 }], context: { a: 2 } }),
    ).rejects.toMatchObject({ code: "INVALID_ARGUMENT", attempts: [] });
  });

  it("says INVALID_ARGUMENT for a signature that is not there", async () => {
    await expect(
      open.client.classify({ model: "m", signatureName: "nothing", examples: [EXAMPLE] }),
    ).rejects.toMatchObject({ code: "INVALID_ARGUMENT", kind: "invalid" });
  });

  const ask = () =>
    open.client.multiInference({
      model: "m",
      version: 1,
      tasks: [
        { signatureName: "score_it", method: "regress" },
        { signatureName: "label_it", method: "classify" },
      ],
      examples: [{ a: 1 }],
    });

  if (wire.gaps.operations.includes("multiInference")) {
    it("refuses multiInference before anything is sent, and says what to use", async () => {
      await expect(ask()).rejects.toMatchObject({ code: "UNIMPLEMENTED", kind: "unsupported", attempts: [] });
      await expect(ask()).rejects.toThrow(/gRPC/);
    });
  } else {
    it("answers several tasks in their order", async () => {
      const { results, modelSpec } = await ask();
      expect(results).toEqual([
        { method: "regress", signatureName: "score_it", results: [1.125] },
        {
          method: "classify",
          signatureName: "label_it",
          results: [
            [
              { label: "features: a", score: 0.5 },
              { label: "version 1", score: 0.25 },
            ],
          ],
        },
      ]);
      expect(modelSpec).toMatchObject({ name: "m", version: 1 });
    });
  }
});
