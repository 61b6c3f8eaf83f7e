import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Example } from "../../src/contract/example.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import type { ModelDefinition } from "../../src/testing/model-definition.ts";
import { guesslang } from "./guesslang.ts";
import { type OpenWire, wires } from "./wires.ts";

/** How many requests the models were asked, and how many rows in all. */
const asked = { requests: 0, rows: 0 };

function count(rows: number): void {
  asked.requests++;
  asked.rows += rows;
}

const network = guesslang(count);
afterAll(() => network.dispose());

const examples: ModelDefinition = {
  versions: {
    1: {
      signatures: {
        classes: {
          methodName: "tensorflow/serving/classify",
          inputs: { inputs: { dtype: "string", shape: [-1] } },
          outputs: {
            classes: { dtype: "string", shape: [-1, 1] },
            scores: { dtype: "float32", shape: [-1, 1] },
          },
        },
        value: {
          methodName: "tensorflow/serving/regress",
          inputs: { inputs: { dtype: "string", shape: [-1] } },
          outputs: { outputs: { dtype: "float32", shape: [-1] } },
        },
      },
      classify: (rows) => {
        count(rows.length);
        return rows.map((row) => [{ label: `#${numberOf(row)}`, score: 1 }]);
      },
      regress: (rows) => {
        count(rows.length);
        return rows.map((row) => Number(numberOf(row)) * 2);
      },
    },
  },
};

function numberOf({ features }: Example): bigint | undefined {
  const feature = features.get("n");
  return feature?.kind === "int64" ? feature.values[0] : undefined;
}

const TEXTS = [
  "import numpy as np\n\nclass A:\n    def run(self):\n        return [x for x in range(10)]\n",
  "#include <stdio.h>\n\nint main(void) {\n  return 0;\n}\n",
  "SELECT name, COUNT(*) FROM people WHERE age > 30 GROUP BY name;\n",
  "const add = (a: number, b: number): number => a + b;\n",
  "<!doctype html>\n<title>Hello</title>\n<p>World</p>\n",
  "Grüße, 世界\n",
];

describe.each(wires)("calls that share requests over $name", ({ open }) => {
  let wire: OpenWire;
  beforeAll(async () => {
    wire = await open({ guesslang: network.model, examples });
  });
  afterAll(() => wire.close());

  it("get the numbers that they get alone, from a trained network", async () => {
    const model = wire.client.model("guesslang");
    await model.signature();
    const alone = await Promise.all(TEXTS.map((text) => model.predict({ contents: [text] })));
    const before = { ...asked };
    const shared = await Promise.all(TEXTS.map((text) => model.predict({ contents: [text] }, { batching: true })));
    expect([asked.requests - before.requests, asked.rows - before.rows]).toEqual([1, TEXTS.length]);
    for (const [index, { outputs }] of shared.entries()) {
      const [mine, theirs] = [outputs, alone[index]!.outputs];
      expect((mine["classes"] as Tensor<"string">).toStrings()).toEqual(
        (theirs["classes"] as Tensor<"string">).toStrings(),
      );
      expectClose(mine["scores"] as Tensor<"float32">, theirs["scores"] as Tensor<"float32">);
    }
  });

  it("get their own results from classify and regress", async () => {
    const { client } = wire;
    const before = asked.requests;
    const classified = await Promise.all(
      [1n, 2n, 3n].map((n) =>
        client.classify({ model: "examples", signatureName: "classes", examples: [{ n }] }, { batching: true }),
      ),
    );
    const regressed = await Promise.all(
      [1n, 2n, 3n].map((n) =>
        client.regress(
          { model: "examples", signatureName: "value", examples: [{ n }, { n: 10n * n }] },
          { batching: true },
        ),
      ),
    );
    expect(asked.requests - before).toBe(2);
    expect(classified.map(({ results }) => results.map(([first]) => first?.label))).toEqual([["#1"], ["#2"], ["#3"]]);
    expect(regressed.map(({ results }) => results)).toEqual([
      [2, 20],
      [4, 40],
      [6, 60],
    ]);
  });
});

/** As numpy.allclose has it. */
function expectClose(mine: Tensor<"float32">, theirs: Tensor<"float32">, rtol = 1e-5, atol = 1e-7): void {
  expect(mine.shape).toEqual(theirs.shape);
  for (const [at, value] of mine.data.entries()) {
    expect(Math.abs(value - theirs.data[at]!)).toBeLessThanOrEqual(atol + rtol * Math.abs(theirs.data[at]!));
  }
}
