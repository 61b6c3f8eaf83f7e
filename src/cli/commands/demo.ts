import type { Command } from "commander";
import { createHealthCheck } from "../../health.ts";
import { createClient, type ServingClient, ServingError } from "../../index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatTable, type Output, wrap } from "../output.ts";

const MODEL = "half_plus_two";
const X = [1, 2, 5];
const Y = [2.5, 3, 4.5];

/** `tfserving demo`: everything once against a server of its own, in a second, with nothing to install or download. */
export function addDemo(program: Command, output: Output, end: (code: ExitCode) => void): void {
  program
    .command("demo")
    .description("serve half_plus_two on free ports and show a client at work on both wires")
    .addHelpText(
      "after",
      "\nExample:\n  $ tfserving demo\n\nExit codes: 0 both wires gave the right answer, 1 wrong usage, 4 they did not.",
    )
    .action(async () => end(await runDemo(output)));
}

async function runDemo(output: Output): Promise<ExitCode> {
  // Loaded on use: the commands that only ask a server start without it.
  const { createTestServer, halfPlusTwo } = await import("../../testing.ts");
  const server = await createTestServer({ models: { [MODEL]: halfPlusTwo } });
  const clients = [createClient(server.grpcAddress), createClient(server.restAddress)];
  try {
    output.line("A test server serves half_plus_two: y = x / 2 + 2");
    for (const client of clients) output.line(`  ${client.endpoint}`);
    const isRight = await showPredictions(output, clients);
    for (const client of clients) await showModel(output, client);
    await showErrors(output, clients);
    const isWell = await showHealth(output, clients);
    return isRight && isWell ? EXIT.ok : EXIT.unhealthy;
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
  }
}

async function showPredictions(output: Output, clients: readonly ServingClient[]): Promise<boolean> {
  output.line("\nThe same prediction over both wires");
  const rows = [["wire", `y for x = [${X.join(", ")}]`, "took", "answer"]];
  let isRight = true;
  for (const client of clients) {
    const model = client.model(MODEL);
    await model.waitUntilReady({ timeoutMs: 10_000 });
    const started = performance.now();
    const { outputs } = await model.predict({ x: X });
    const took = `${(performance.now() - started).toFixed(1)} ms`;
    const y = [...((outputs["y"]?.data ?? []) as ArrayLike<number> as number[])];
    const equal = y.join() === Y.join();
    isRight &&= equal;
    rows.push([client.wire, `[${y.join(", ")}]`, took, equal ? "right" : "WRONG"]);
  }
  for (const line of formatTable(rows)) output.line(line);
  return isRight;
}

async function showModel(output: Output, client: ServingClient): Promise<void> {
  const { versions } = await client.getModelStatus({ model: MODEL });
  const states = versions.map(({ version, state }) => `version ${version} ${state}`).join(", ");
  const { signatures } = await client.getModelMetadata({ model: MODEL });
  output.line(`\nWhat ${client.wire} tells of the model`);
  output.line(`  status    ${states}`);
  for (const [name, { inputs, outputs }] of Object.entries(signatures)) {
    output.line(`  metadata  ${name}: ${Object.keys(inputs).join(", ")} -> ${Object.keys(outputs).join(", ")}`);
  }
}

async function showErrors(output: Output, clients: readonly ServingClient[]): Promise<void> {
  output.line("\nWhat errors look like");
  for (const client of clients) {
    const wrong = [
      () => client.model(MODEL).predict({ instances: X }),
      () => client.getModelStatus({ model: "half_plus_tow" }),
    ];
    for (const call of wrong) for (const line of wrap(`${client.wire}: ${await messageOf(call)}`)) output.line(line);
  }
}

async function messageOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (error instanceof ServingError) return error.message;
    throw error;
  }
  throw new Error("expected a call to fail, it succeeded");
}

async function showHealth(output: Output, clients: readonly ServingClient[]): Promise<boolean> {
  output.line("\nHealth, by a real prediction");
  let isWell = true;
  for (const client of clients) {
    const report = await createHealthCheck(client, { model: MODEL, inputs: { x: X }, expect: { y: Y } }).check();
    isWell &&= report.status === "pass";
    for (const line of wrap(`${client.wire}: ${report.status}, ${report.output}`)) output.line(line);
  }
  return isWell;
}
