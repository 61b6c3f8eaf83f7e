import { createHealthCheck, randomInputs } from "../../health.ts";
import {
  isDType,
  type ServingClient,
  ServingError,
  type Signature,
  type TensorSpec,
  type VersionChoice,
} from "../../index.ts";
import { toJson } from "../json-text.ts";
import { printable } from "../output.ts";
import { formatBytes, formatCount, formatMs } from "../quantities.ts";
import { error, type Finding, info, ok, warning } from "./finding.ts";

export interface ModelQuestions {
  readonly model: string;
  readonly choice: VersionChoice;
  readonly signatureName: string;
  /** Whether a prediction may be sent: one over each wire. */
  readonly predicts: boolean;
  readonly timeoutMs: number;
}

/** What a client takes in one message as it comes: `maxMessageBytes` of createClient. */
const MESSAGE_BYTES = 64 * 1024 * 1024;
/** Nobody sends so many at a time. */
const MANY_ROWS = 10_000;
/** Labels that people use; a server cannot be asked for its own. */
const LABELS = ["stable", "canary"];

/** Asks for one model over the wires that are there: status, signatures, a prediction each, and whether they agree. */
export async function askModel(clients: readonly ServingClient[], questions: ModelQuestions): Promise<Finding[]> {
  const findings: Finding[] = [];
  const [first, second] = clients;
  if (first === undefined) return findings;
  const states = await ask(clients, "model", (client) => statusOf(client, questions), findings);
  if (states === undefined) return findings;
  findings.push(...judgeStates(questions.model, states[0] ?? []));
  const metadata = await ask(clients, "metadata", (client) => signaturesOf(client, questions), findings);
  if (metadata === undefined) return findings;
  findings.push(...(await askLabels(first, questions)));
  const signature = metadata[0]?.[questions.signatureName];
  if (signature !== undefined) findings.push(...judgeSize(signature));
  if (second !== undefined) {
    findings.push(agree("status", states), agree("signatures", metadata.map(comparable)));
  }
  if (signature !== undefined && questions.predicts) {
    findings.push(...(await askPredictions(first, second, signature, questions)));
  }
  return findings;
}

/** Asks each client; a failure of one is a finding, and then there is nothing to compare. */
async function ask<T>(
  clients: readonly ServingClient[],
  check: string,
  question: (client: ServingClient) => Promise<T>,
  findings: Finding[],
): Promise<T[] | undefined> {
  const answers: T[] = [];
  for (const client of clients) {
    try {
      answers.push(await question(client));
    } catch (problem) {
      if (!(problem instanceof ServingError)) throw problem;
      findings.push(error(check, `${client.wire}: ${printable(problem.message)}`, adviceFor(problem)));
    }
  }
  return answers.length === clients.length ? answers : undefined;
}

/** What to do about a call that failed. */
export function adviceFor({ kind }: ServingError): string {
  switch (kind) {
    case "not_found":
      return "look at the name and version: a server started without --model_name calls its model default, the Docker image model";
    case "tls":
      return "look at the findings on TLS; a server that demands client certificates needs --tls-cert and --tls-key";
    case "auth":
      return "give credentials: TFS_AUTH or auth in the settings";
    case "protocol":
      return "look for a proxy in between, or a wrong port";
    case "timeout":
      return "look at the server's load, or give it longer with --timeout";
    default:
      return "look at the server's log";
  }
}

interface VersionState {
  readonly version: string;
  readonly state: string;
  readonly error?: string;
}

async function statusOf(client: ServingClient, { model, timeoutMs }: ModelQuestions): Promise<VersionState[]> {
  const { versions } = await client.getModelStatus({ model }, { timeoutMs });
  return versions.map(({ version, state, error: why }) => ({
    version: String(version),
    state,
    ...(why && { error: `${why.code}: ${why.message}` }),
  }));
}

function judgeStates(model: string, states: readonly VersionState[]): Finding[] {
  const name = printable(model);
  const failed = states.filter((state) => state.error !== undefined);
  const available = states.filter(({ state }) => state === "AVAILABLE").map(({ version }) => version);
  const findings = failed.map(({ version, error: why }) =>
    warning("model", `${name} version ${version} failed: ${printable(why ?? "")}`, "repair that version or remove it"),
  );
  if (available.length === 0) {
    const now = states.map(({ version, state }) => `${version} ${state}`).join(", ");
    return [
      error(
        "model",
        `${name}: no version is AVAILABLE (${now})`,
        "wait while one loads, else look at the server's log",
      ),
      ...findings,
    ];
  }
  findings.unshift(ok("model", `${name}: ${available.map((version) => `version ${version}`).join(", ")} AVAILABLE`));
  if (available.length > 1) {
    findings.push(
      info("options", "several versions at once: a model config file with a version policy (--model_config_file)"),
    );
  }
  return findings;
}

async function signaturesOf(client: ServingClient, { model, choice, timeoutMs }: ModelQuestions) {
  return (await client.getModelMetadata({ model, ...choice }, { timeoutMs })).signatures;
}

/** Only what both wires tell, names in one order. */
function comparable(signatures: Readonly<Record<string, Signature>>): unknown {
  const specs = (all: Readonly<Record<string, TensorSpec>>) =>
    sorted(all).map(([name, { dtype, shape, tensorName }]) => [name, dtype, shape, tensorName]);
  return sorted(signatures).map(([name, { methodName, inputs, outputs }]) => [
    name,
    methodName,
    specs(inputs),
    specs(outputs),
  ]);
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function agree(what: string, [first, second]: readonly unknown[]): Finding {
  if (toJson(first) === toJson(second)) return ok("both wires", `they tell the same ${what}`);
  return error("both wires", `they tell different ${what}`, "look whether both ports belong to the same server");
}

async function askLabels(client: ServingClient, { model, timeoutMs }: ModelQuestions): Promise<Finding[]> {
  const known: string[] = [];
  for (const versionLabel of LABELS) {
    const answer = await client
      .getModelMetadata({ model, versionLabel }, { timeoutMs, maxRetries: 0 })
      .catch(() => undefined);
    if (answer !== undefined) known.push(versionLabel);
  }
  const asked = LABELS.join(" and ");
  return [info("labels", known.length === 0 ? `none of ${asked}, which people use` : known.join(", "))];
}

/** How many rows fit into one message, by the signature alone. */
function judgeSize({ inputs, outputs }: Signature): Finding[] {
  const rows = [...Object.entries(inputs), ...Object.entries(outputs)].map(([name, spec]) => ({
    name,
    bytes: rowBytes(spec),
  }));
  const largest = rows.reduce((most, row) => (row.bytes > most.bytes ? row : most), { name: "", bytes: 0 });
  if (largest.bytes === 0) return [];
  const fit = Math.floor(MESSAGE_BYTES / largest.bytes);
  const name = printable(largest.name);
  const found = `a row of "${name}" takes ${formatBytes(largest.bytes)}: ${formatCount(fit)} fit into a message of 64 MiB`;
  if (fit >= MANY_ROWS) return [];
  if (fit > 0) return [info("limits", found)];
  return [warning("limits", found, "raise maxMessageBytes of createClient; the server itself takes 2 GiB over gRPC")];
}

const BYTES: Readonly<Record<string, number>> = { 8: 1, 16: 2, 32: 4, 64: 8, 128: 16 };

/** 0 where the signature does not say: text has no fixed length, and neither has a free dimension behind the first. */
function rowBytes({ dtype, shape }: TensorSpec): number {
  if (!isDType(dtype) || dtype === "string" || shape === null || shape.slice(1).some((length) => length < 0)) return 0;
  const width = dtype === "bool" ? 1 : (BYTES[/\d+$/.exec(dtype)?.[0] ?? ""] ?? 0);
  return shape.slice(1).reduce((product, length) => product * length, width);
}

/** The same random row over both wires: the second one must bring what the first one brought. */
async function askPredictions(
  first: ServingClient,
  second: ServingClient | undefined,
  signature: Signature,
  { model, choice, signatureName, timeoutMs }: ModelQuestions,
): Promise<Finding[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const startedAt = performance.now();
  let inputs: Awaited<ReturnType<ReturnType<typeof randomInputs>["inputsFor"]>>;
  let outputs: Awaited<ReturnType<ReturnType<ServingClient["model"]>["predict"]>>["outputs"];
  try {
    inputs = await randomInputs().inputsFor({ signature, signatureName, index: 0, signal });
    const handle = first.model(model, { ...choice, signatureName, maxRetries: 0, batching: false });
    outputs = (await handle.predict(inputs, { timeoutMs })).outputs;
  } catch (problem) {
    const why = printable(problem instanceof Error ? problem.message : String(problem));
    return [
      info("prediction", `${first.wire}: random inputs were refused (${why}); try tfserving health with real ones`),
    ];
  }
  const found = ok("prediction", `${first.wire}: a random row came back in ${formatMs(performance.now() - startedAt)}`);
  if (second === undefined) return [found];
  const health = createHealthCheck(second, { model, ...choice, signatureName, inputs, expect: outputs, timeoutMs });
  const { status, output } = await health.check();
  if (status === "pass") return [found, ok("both wires", "they make the same prediction")];
  return [
    found,
    warning(
      "both wires",
      `${second.wire}: ${printable(output)}`,
      "look at docs/rest-and-grpc.md for what each wire cannot say",
    ),
  ];
}
