import type { Command } from "commander";
import { ServingError } from "../../index.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../exit-codes.ts";
import { toJson } from "../json-text.ts";
import type { Output } from "../output.ts";
import { modelOf, type ServerOptions, takeServer, withClient } from "../server-options.ts";

/** `tfserving wait`: ends when a model is ready, for scripts that start a server. */
export function addWait(program: Command, output: Output, end: (code: ExitCode) => void): void {
  takeServer(program.command("wait"))
    .description("wait until a model is available, nobody answering yet included (60 s unless --timeout says else)")
    .addHelpText("after", "\nExample:\n  $ tfserving wait -m half_plus_two --timeout 120000 && npm run test:e2e")
    .action((address: string | undefined, options: ServerOptions) =>
      withClient(address, options, async (client) => {
        try {
          const ready = await modelOf(client, options).waitUntilReady({ timeoutMs: options.timeout });
          output.line(options.json ? toJson(ready) : `${options.model} version ${ready.version} is ${ready.state}`);
        } catch (error) {
          if (!(error instanceof ServingError)) throw error;
          output.complain(`tfserving: ${error.message}`);
          // Time that ran out and a model that failed to load are the answer to what was asked, not failed calls.
          end(error.kind === "timeout" || exitCodeOf(error) === EXIT.rpc ? EXIT.unhealthy : exitCodeOf(error));
        }
      }),
    );
}
