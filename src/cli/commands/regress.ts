import type { Command } from "commander";
import { EXAMPLES_HELP, type ExampleOptions, examplesOf, takeExamples } from "../inputs/examples.ts";
import { toJson } from "../json-text.ts";
import { formatTable, type Output } from "../output.ts";
import { callOf, modelOf, type ServerOptions, takeServer, withClient } from "../server-options.ts";

/** `tfserving regress`: a value for each example. */
export function addRegress(program: Command, output: Output): void {
  takeExamples(takeServer(program.command("regress"), { signature: true }))
    .description("regress examples (tf.Example): a value of each")
    .addHelpText("after", HELP)
    .action((address: string | undefined, options: ServerOptions & ExampleOptions) =>
      withClient(address, options, async (client) => {
        const { examples, context } = examplesOf(options);
        const response = await modelOf(client, options).regress(examples, { ...callOf(options), context });
        if (options.json) return output.line(toJson(response));
        const rows = response.results.map((value, index) => [`example ${index}`, String(value)]);
        for (const line of formatTable(rows, "")) output.line(line);
      }),
    );
}

const HELP = `${EXAMPLES_HELP}

Examples:
  $ tfserving regress -m m --signature regress_x_to_y -e '{"x": 1.0}'
  $ jq -c .features rows.json | tfserving regress -m m --examples -

Exit codes: 0 ok, 1 wrong usage, 2 no connection, 3 the call failed.`;
