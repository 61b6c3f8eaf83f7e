import type { Command } from "commander";
import type { PredictResponse } from "../../index.ts";
import { toJson } from "../json-text.ts";
import { type Output, printable } from "../output.ts";
import { type Inputs, readInput } from "../read-input.ts";
import { callOf, modelOf, type ServerOptions, takeServer, withClient } from "../server-options.ts";

/** `tfserving predict`: one prediction, with inputs from the command line. */
export function addPredict(program: Command, output: Output): void {
  takeServer(program.command("predict"), { signature: true })
    .description("send one prediction; plain values take the dtypes of the signature")
    .requiredOption("-i, --input <name=JSON>", "an input by its name; once for each", readInput)
    .addHelpText("after", EXAMPLES)
    .action((address: string | undefined, options: ServerOptions & { readonly input: Inputs }) =>
      withClient(address, options, async (client) => {
        const response = await modelOf(client, options).predict(options.input, callOf(options));
        if (options.json) return output.line(toJson(plain(response)));
        for (const [name, tensor] of Object.entries(response.outputs)) {
          output.line(`${printable(name)} ${tensor.dtype} [${tensor.shape.join(", ")}]`);
          output.line(`  ${toJson(tensor.toNested())}`);
        }
      }),
    );
}

const EXAMPLES = `
Examples:
  $ tfserving predict -m half_plus_two -i 'x=[1, 2, 5]'
  $ tfserving predict grpc://localhost:8500 -m m --version 2 -i 'x=["a"]'
  $ tfserving predict -m echo --signature string -i 'x=[{"b64": "AAEC"}]' --json`;

function plain({ outputs, modelSpec }: PredictResponse): unknown {
  const tensors = Object.entries(outputs).map(([name, tensor]) => [
    name,
    { dtype: tensor.dtype, shape: tensor.shape, values: tensor.toNested() },
  ]);
  return { modelSpec, outputs: Object.fromEntries(tensors) };
}
