/**
 * A trained network to serve: guesslang, which tells in which of 54 languages a text is written. It comes as an npm
 * package made for VS Code and runs in plain Node.
 *
 * @see https://github.com/yoeo/guesslang
 */
import languageDetection from "@vscode/vscode-languagedetection";
import { type Tensor, tensor } from "tfserving";
import type { ModelDefinition } from "tfserving/testing";

const LANGUAGES = 54;

const network = new languageDetection.ModelOperations({ minContentSize: 0 });

export const guesslang: ModelDefinition = {
  versions: {
    1: {
      signatures: {
        serving_default: {
          inputs: { contents: { dtype: "string", shape: [-1] } },
          outputs: {
            // A row for each text, the most likely language first.
            classes: { dtype: "string", shape: [-1, LANGUAGES] },
            scores: { dtype: "float32", shape: [-1, LANGUAGES] },
          },
        },
      },
      // The server calls a version AVAILABLE once its weights are read and one text went through.
      load: async () => {
        await network.runModel("\n");
      },
      predict: async ({ contents }) => {
        const classes: string[] = [];
        const scores: number[] = [];
        for (const text of (contents as Tensor<"string">).toStrings()) {
          // An empty text has no scores; a line without anything on it does.
          for (const { languageId, confidence } of await network.runModel(text === "" ? "\n" : text)) {
            classes.push(languageId);
            scores.push(confidence);
          }
        }
        const shape = [contents!.size, LANGUAGES];
        return { classes: tensor.string(classes, shape), scores: tensor.float32(scores, shape) };
      },
    },
  },
};
