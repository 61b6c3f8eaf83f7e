import type { Command } from "commander";
import type { Signature, TensorSpec } from "../../index.ts";
import { toJson } from "../json-text.ts";
import { formatTable, type Output, printable } from "../output.ts";
import { callOf, type ServerOptions, takeServer, versionOf, withClient } from "../server-options.ts";

/** `tfserving metadata`: what a model can be asked. */
export function addMetadata(program: Command, output: Output): void {
  takeServer(program.command("metadata"))
    .description("show the signatures of a model: its inputs and outputs")
    .addHelpText("after", HELP)
    .action((address: string | undefined, options: ServerOptions) =>
      withClient(address, options, async (client) => {
        const response = await client.getModelMetadata(
          { model: options.model, ...versionOf(options) },
          callOf(options),
        );
        if (options.json) return output.line(toJson(response));
        for (const [name, signature] of Object.entries(response.signatures)) {
          output.line(printable(signature.methodName === "" ? name : `${name} (${signature.methodName})`));
          for (const line of formatTable(rowsOf(signature))) output.line(line);
        }
      }),
    );
}

const HELP = `
Example:
  $ tfserving metadata http://localhost:8501 -m half_plus_two

Exit codes: 0 ok, 1 wrong usage, 2 no connection, 3 the call failed.`;

function rowsOf({ inputs, outputs }: Signature): string[][] {
  const row =
    (side: string) =>
    ([name, { dtype, shape }]: [string, TensorSpec]) => [
      side,
      printable(name),
      printable(dtype),
      shape === null ? "any shape" : `[${shape.join(", ")}]`,
    ];
  return [...Object.entries(inputs).map(row("input")), ...Object.entries(outputs).map(row("output"))];
}
