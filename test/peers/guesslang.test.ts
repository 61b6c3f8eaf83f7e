import { fileURLToPath } from "node:url";
import { ModelOperations } from "@vscode/vscode-languagedetection";
import { afterAll, describe, expect, it } from "vitest";
import { startTensorFlow, toPlain, toTensor } from "./tensorflow-peer.ts";

const model = fileURLToPath(new URL("../../node_modules/@vscode/vscode-languagedetection/model", import.meta.url));
const { client, answers, close } = await startTensorFlow(model);
afterAll(close);

const asked = answers.predictions["guesslang:1"]![0]!;
const [input] = Object.keys(asked.inputs) as [string];
const texts = toTensor(asked.inputs[input]!).toStrings();

describe("client.predict on guesslang, a model from practice", () => {
  it("gets TensorFlow's own bits", async () => {
    const { outputs } = await client.predict({ model: "guesslang", inputs: { [input]: texts } });
    expect(toPlain(outputs["scores"]!)).toEqual(asked.outputs["scores"]);
    expect(toPlain(outputs["classes"]!)).toEqual(asked.outputs["classes"]);
  });

  it("agrees with TensorFlow.js on the same model", async () => {
    const operations = new ModelOperations({ minContentSize: 0 });
    const { outputs } = await client.predict({ model: "guesslang", inputs: { [input]: texts.slice(0, 3) } });
    for (const [index, text] of texts.slice(0, 3).entries()) {
      const scores = [...(outputs["scores"]!.row(index).data as Float32Array)];
      const languages = outputs["classes"]!.row(index).toStrings();
      const best = scores.indexOf(Math.max(...scores));
      const [guess] = await operations.runModel(text);
      expect(languages[best]).toBe(guess!.languageId);
      expect(scores[best]).toBeCloseTo(guess!.confidence, 5);
    }
    operations.dispose();
  });
});
