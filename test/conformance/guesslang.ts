import { ModelOperations } from "@vscode/vscode-languagedetection";
import { Tensor } from "../../src/tensor/tensor.ts";
import type { ModelDefinition } from "../../src/testing/model-definition.ts";

const LANGUAGES = 54;

/** What the package has inside: the network, which takes any number of texts, and its tensors. */
interface Network {
  executeAsync(texts: { shape: number[]; readonly size: number }): Promise<[Output<Float32Array>, Output<string[]>]>;
}

interface Output<D> {
  readonly shape: readonly number[];
  dataSync(): D;
}

/**
 * A trained network: the language of a text, on TensorFlow.js. All rows of a request go through it together, as in the
 * real server: the package itself hands over one text at a time.
 */
export function guesslang(onRequest: (rows: number) => void): { readonly model: ModelDefinition; dispose(): void } {
  const operations = new ModelOperations({ minContentSize: 0, normalizeNewline: false });
  const ask = askerOf(operations);
  const model: ModelDefinition = {
    versions: {
      1: {
        signatures: {
          serving_default: {
            inputs: { contents: { dtype: "string", shape: [-1] } },
            outputs: {
              classes: { dtype: "string", shape: [-1, LANGUAGES] },
              scores: { dtype: "float32", shape: [-1, LANGUAGES] },
            },
          },
        },
        predict: async ({ contents }) => {
          onRequest(contents!.size);
          const [scores, classes] = await ask((contents as Tensor<"string">).toStrings());
          return {
            classes: new Tensor("string", classes.shape, classes.dataSync().map(toBytes)),
            scores: new Tensor("float32", scores.shape, scores.dataSync()),
          };
        },
      },
    },
  };
  return { model, dispose: () => operations.dispose() };
}

type Answer = Awaited<ReturnType<Network["executeAsync"]>>;

/** The network's own answer to a list of texts. They are asked one after the other: it is picked up on the way. */
function askerOf(operations: ModelOperations): (texts: readonly string[]) => Promise<Answer> {
  let answer: Answer;
  const load = async () => {
    await operations.runModel("the first text loads the network");
    const network = Reflect.get(operations, "_model") as Network;
    const execute = network.executeAsync.bind(network);
    network.executeAsync = async (texts) => {
      texts.shape = [texts.size];
      answer = await execute(texts);
      return answer;
    };
  };
  let before: Promise<unknown> | undefined;
  return (texts) => {
    before ??= load();
    const mine = before.then(async () => {
      await operations.runModel(texts as unknown as string);
      return answer;
    });
    before = mine;
    return mine;
  };
}

function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
