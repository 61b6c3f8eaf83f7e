import type { Command } from "commander";
import { toJson } from "../json-text.ts";
import { formatTable, type Output, printable } from "../output.ts";
import { callOf, type ServerOptions, takeServer, versionOf, withClient } from "../server-options.ts";

/** `tfserving status`: in which state each version of a model is. */
export function addStatus(program: Command, output: Output): void {
  takeServer(program.command("status"))
    .description("show the state of each version of a model")
    .addHelpText("after", "\nExample:\n  $ tfserving status grpc://localhost:8500 -m half_plus_two")
    .action((address: string | undefined, options: ServerOptions) =>
      withClient(address, options, async (client) => {
        const response = await client.getModelStatus({ model: options.model, ...versionOf(options) }, callOf(options));
        if (options.json) return output.line(toJson(response));
        const rows = response.versions.map(({ version, state, error }) => [
          `version ${version}`,
          state,
          error === undefined ? "" : printable(`${error.code}: ${error.message}`),
        ]);
        for (const line of formatTable(rows, "")) output.line(line);
      }),
    );
}
