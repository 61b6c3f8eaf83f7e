import type { Command } from "commander";
import { EXAMPLES_HELP, type ExampleOptions, examplesOf, takeExamples } from "../inputs/examples.ts";
import { toJson } from "../json-text.ts";
import { formatTable, type Output, printable } from "../output.ts";
import { callOf, modelOf, type ServerOptions, takeServer, withClient } from "../server-options.ts";

/** `tfserving classify`: the classes of examples. */
export function addClassify(program: Command, output: Output): void {
  takeExamples(takeServer(program.command("classify"), { signature: true }))
    .description("classify examples (tf.Example): labels and scores of each")
    .addHelpText("after", HELP)
    .action((address: string | undefined, options: ServerOptions & ExampleOptions) =>
      withClient(address, options, async (client) => {
        const { examples, context } = examplesOf(options);
        const response = await modelOf(client, options).classify(examples, { ...callOf(options), context });
        if (options.json) return output.line(toJson(response));
        const rows = response.results.flatMap((classes, index) =>
          classes.map(({ label, score }, rank) => [
            rank === 0 ? `example ${index}` : "",
            String(score),
            label === "" ? "(no label)" : printable(label),
          ]),
        );
        for (const line of formatTable(rows, "")) output.line(line);
      }),
    );
}

const HELP = `${EXAMPLES_HELP}

Examples:
  $ tfserving classify -m m -e '{"age": 35, "job": "clerk"}' -e '{"age": 60}'
  $ tfserving classify -m m --examples rows.ndjson --context '{"day": "mon"}'

Exit codes: 0 ok, 1 wrong usage, 2 no connection, 3 the call failed.`;
