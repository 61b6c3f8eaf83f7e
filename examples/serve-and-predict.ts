/**
 * The whole way once: serve a trained network, wait for it, predict over gRPC and over REST, look at status, metadata,
 * reload, errors and health. Ends with 1 if the two wires ever answer differently.
 *
 *   npm start
 *
 * Against a TensorFlow Serving of your own, with its half_plus_two:
 *
 *   TFS_ADDRESS=grpc://localhost:8500,http://localhost:8501 npm start
 */
import { readFileSync } from "node:fs";
import { createClient, type ModelConfig, type ServingClient, ServingError, type Tensor } from "tfserving";
import { createHealthCheck, type HealthCheck } from "tfserving/health";
import { createTestServer, halfPlusTwo } from "tfserving/testing";
import { guesslang } from "./shared/guesslang-model.ts";
import { section, signatureText, table, text } from "./shared/print.ts";

const SOURCES = ["src/tensor/tensor.ts", "scripts/setup.mjs", "package.json", "README.md", "buf.gen.yaml"];

if (process.env["TFS_ADDRESS"]) {
  await askRealServer(process.env["TFS_ADDRESS"].split(",")).catch(explain);
} else {
  await serveAndPredict();
}

async function serveAndPredict(): Promise<void> {
  await using server = await createTestServer({
    models: { guesslang },
    // On the server's disk, for the reload below.
    storage: { "/models/half_plus_two": halfPlusTwo.versions },
  });
  section("Serving guesslang, a trained network that names programming languages");
  text(server.grpcAddress);
  text(server.restAddress);

  await using grpc = createClient(server.grpcAddress);
  await using rest = createClient(server.restAddress);

  section("Ready");
  for (const client of [grpc, rest]) {
    const { version, state } = await client.model("guesslang").waitUntilReady({ timeoutMs: 30_000 });
    text(`${client.wire}: version ${version} is ${state}`);
  }

  section("Predict: in which language is each file written?");
  await compareLanguages(grpc, rest);

  section("Metadata");
  for (const [name, signature] of Object.entries((await rest.model("guesslang").metadata()).signatures)) {
    text(`${name}: ${signatureText(signature)}`);
  }

  section("Reload: add half_plus_two, keep guesslang (a model left out is unloaded)");
  const models: ModelConfig[] = ["guesslang", "half_plus_two"].map((name) => ({ name, basePath: `/models/${name}` }));
  await grpc.reloadConfig({ config: { models } });
  for (const { name } of models) {
    const { versions } = await grpc.getModelStatus({ model: name });
    text(`${name}: ${versions.map(({ version, state }) => `version ${version} ${state}`).join(", ")}`);
  }
  await compareHalfPlusTwo([grpc, rest]);

  section("Errors");
  await showError(() => grpc.model("guesslang").predict({ content: ["print(1)"] }));
  await showError(() => rest.getModelStatus({ model: "gueslang" }));

  section("Health: a real prediction, judged");
  const health = createHealthCheck(grpc, {
    model: "guesslang",
    inputs: { contents: [read("package.json")] },
    expect: ({ classes }) => (classes as Tensor<"string">).toStrings()[0] === "json" || "package.json should be json",
  });
  await showHealth(health);
}

/** One call a file and wire; every score must be the same on both. */
async function compareLanguages(grpc: ServingClient, rest: ServingClient): Promise<void> {
  const rows = [["file", "language", "score", "gRPC", "REST", "answers"]];
  for (const file of SOURCES) {
    const contents = [read(file)];
    const a = await timed(() => grpc.model("guesslang").predict({ contents }));
    const b = await timed(() => rest.model("guesslang").predict({ contents }));
    const equal = ["classes", "scores"].every((name) => same(a.result.outputs[name], b.result.outputs[name]));
    const language = (a.result.outputs["classes"] as Tensor<"string">).toStrings()[0] ?? "";
    const score = a.result.outputs["scores"]?.data[0] as number;
    rows.push([file, language, score.toFixed(3), a.took, b.took, verdict(equal)]);
  }
  table(rows);
}

/** The tutorial's numbers, over each wire given. */
async function compareHalfPlusTwo(clients: readonly ServingClient[]): Promise<void> {
  const rows = [["wire", "half_plus_two of [1, 2, 5]", "took", "answer"]];
  for (const client of clients) {
    const model = client.model("half_plus_two");
    // The tutorial's own model says [-1, 1], the one here [-1]: as many axes as it wants.
    const isColumn = (await model.signature()).inputs["x"]?.shape?.length === 2;
    const { result, took } = await timed(() => model.predict({ x: isColumn ? [[1], [2], [5]] : [1, 2, 5] }));
    const y = result.outputs["y"]?.data as Float32Array;
    rows.push([client.wire, `[${y.join(", ")}]`, took, verdict(y.join() === "2.5,3,4.5")]);
  }
  table(rows);
}

/** Nothing here changes the server: a reload would replace a configuration that cannot be asked for. */
async function askRealServer(addresses: readonly string[]): Promise<void> {
  const clients = addresses.map((address) => createClient(address.trim()));
  try {
    section(`Predict: half_plus_two at ${clients.map((client) => client.endpoint).join(" and ")}`);
    for (const client of clients) await client.model("half_plus_two").waitUntilReady({ timeoutMs: 20_000 });
    await compareHalfPlusTwo(clients);
    for (const client of clients) {
      section(`Over ${client.wire}`);
      const model = client.model("half_plus_two");
      const { versions } = await model.status();
      text(versions.map(({ version, state }) => `version ${version} ${state}`).join(", "));
      for (const [name, signature] of Object.entries((await model.metadata()).signatures)) {
        text(`${name}: ${signatureText(signature)}`);
      }
      await showError(() => model.predict({ instances: [1, 2, 5] }));
      await showError(() => client.getModelStatus({ model: "half_plus_tow" }));
      await showHealth(createHealthCheck(client, { model: "half_plus_two" }));
    }
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** What keeps the server from answering is for the reader to mend, and no stack helps with that. */
function explain(error: unknown): void {
  if (!(error instanceof ServingError || error instanceof TypeError)) throw error;
  fail(`${error.message}. Is TFS_ADDRESS right, and does half_plus_two run there?`);
}

async function showError(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
    fail("expected an error, none came");
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    text(error.message);
  }
}

async function showHealth(health: HealthCheck): Promise<void> {
  const report = await health.check();
  text(`${report.status}: ${report.output}`);
  table(Object.entries(report.checks).map(([name, check]) => [name, check.status, check.output]));
  if (report.status !== "pass") process.exitCode = 1;
}

/** A file of this repository, wherever the program was started. */
function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

async function timed<T>(call: () => Promise<T>): Promise<{ result: T; took: string }> {
  const started = performance.now();
  const result = await call();
  return { result, took: `${(performance.now() - started).toFixed(1)} ms` };
}

/** Element by element, bit by bit: no tolerance. */
function same(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (!a || !b || a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  if (a.dtype === "string") return a.toStrings().join("\n") === b.toStrings().join("\n");
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function bytesOf(tensor: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.data as Float32Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function verdict(equal: boolean): string {
  if (!equal) process.exitCode = 1;
  return equal ? "equal" : "DIFFERENT";
}

function fail(message: string): void {
  process.exitCode = 1;
  text(message);
}
