import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { ModelHandle, PredictResponse, Tensor } from "../../index.ts";
import { cannotWrite } from "../cannot-write.ts";
import { type InputOptions, inputsOf, takeInputs } from "../inputs/input-options.ts";
import { writeNpy } from "../inputs/npy.ts";
import { toJson } from "../json-text.ts";
import { type Output, printable } from "../output.ts";
import { callOf, modelOf, type ServerOptions, takeServer, withClient } from "../server-options.ts";

interface PredictOptions extends ServerOptions, InputOptions {
  readonly outputNpy?: string;
}

/** `tfserving predict`: one prediction, with inputs from the command line and from files. */
export function addPredict(program: Command, output: Output): void {
  takeInputs(takeServer(program.command("predict"), { signature: true }))
    .description("send one prediction; plain values take the dtypes of the signature")
    .option("--output-npy <[name=]file>", "write this output for numpy.load(), and print none of it")
    .addHelpText("after", HELP)
    .action((address: string | undefined, options: PredictOptions) =>
      withClient(address, options, async (client) => {
        const model = modelOf(client, options);
        const inputs = await inputsOf(options, () => loneInput(model, options));
        const response = await model.predict(inputs, callOf(options));
        if (options.outputNpy !== undefined) return save(options.outputNpy, response, output);
        if (options.json) return output.line(toJson(plain(response)));
        for (const [name, tensor] of Object.entries(response.outputs)) {
          output.line(`${output.out.paint("strong", printable(name))} ${tensor.dtype} [${tensor.shape.join(", ")}]`);
          output.line(`  ${printable(toJson(tensor.toNested()))}`);
        }
      }),
    );
}

const HELP = `
Arrays in files must have the model's dtype: numpy's own default is float64 and
int64, a.astype("float32") makes another of it. An input without a name is the
only one of the signature.

Examples:
  $ tfserving predict -m half_plus_two -i 'x=[1, 2, 5]'
  $ tfserving predict grpc://localhost:8500 -m m -i 'text=["a"]' -i id=@id.npy
  $ jq -c '{x: .values}' rows.json | tfserving predict -m m --inputs - --json
  $ tfserving predict -m resnet --image cat.jpg --image dog.jpg
  $ tfserving predict -m m --raw x.bin --dtype float32 --shape 1,224,224,3
  $ tfserving predict -m echo --signature string -i 'x=[{"b64": "AAEC"}]' --json

Exit codes: 0 ok, 1 wrong usage, 2 no connection, 3 the call failed.`;

async function loneInput(model: ModelHandle, options: PredictOptions): Promise<string> {
  const names = Object.keys((await model.signature(callOf(options))).inputs);
  if (names.length === 1) return names[0] as string;
  throw new TypeError(`the signature has ${names.length} inputs (${names.join(", ")}): write NAME=FILE`);
}

async function save(target: string, { outputs }: PredictResponse, output: Output): Promise<void> {
  const at = target.indexOf("=");
  const names = Object.keys(outputs);
  const name = at === -1 ? names[0] : target.slice(0, at);
  if (at === -1 && names.length !== 1) {
    throw new TypeError(`--output-npy: the answer has ${names.length} outputs (${names.join(", ")}): write NAME=FILE`);
  }
  const tensor: Tensor | undefined = name === undefined || !Object.hasOwn(outputs, name) ? undefined : outputs[name];
  if (tensor === undefined)
    throw new TypeError(`--output-npy: no output "${name}", the answer has ${names.join(", ")}`);
  const file = target.slice(at + 1);
  try {
    await writeFile(file, writeNpy(tensor));
  } catch (error) {
    throw error instanceof TypeError ? error : cannotWrite("--output-npy", file, error);
  }
  output.complain(`${file}: ${printable(name as string)} ${tensor.dtype} [${tensor.shape.join(", ")}]`);
}

function plain({ outputs, modelSpec }: PredictResponse): unknown {
  const tensors = Object.entries(outputs).map(([name, tensor]) => [
    name,
    { dtype: tensor.dtype, shape: tensor.shape, values: tensor.toNested() },
  ]);
  return { modelSpec, outputs: Object.fromEntries(tensors) };
}
