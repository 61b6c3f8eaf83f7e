import type { Command } from "commander";
import type { ServingClient } from "../../index.ts";
import { addressesOf, type Diagnosis, type Examination, examine } from "../doctor/examine.ts";
import { type Finding, type Severity, worstOf } from "../doctor/finding.ts";
import { addressOf, type DoctorTarget, readTarget } from "../doctor/target.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { toJson } from "../json-text.ts";
import { type Output, wrap } from "../output.ts";
import {
  type ConnectionOptions,
  readPem,
  readTimeout,
  readVersion,
  takeConnection,
  versionOf,
  withClient,
} from "../server-options.ts";
import type { Style } from "../terminal.ts";

interface DoctorOptions extends ConnectionOptions {
  readonly model?: string;
  readonly version?: bigint;
  readonly label?: string;
  readonly signature: string;
  readonly other?: string;
  readonly predict: boolean;
  readonly timeout: number;
  readonly json?: true;
}

/** `tfserving doctor`: what is wrong between here and a server, and what to do about it. */
export function addDoctor(program: Command, output: Output, end: (code: ExitCode) => void): void {
  const command = program
    .command("doctor")
    .description(
      "look at a server from outside: ports, TLS, limits, whether both wires agree, what it was started with",
    )
    .argument("[address]", "grpc://host:8500 or http://host:8501 (default: TFS_ADDRESS, then http://localhost:8501)")
    .option("-m, --model <name>", "a model to look at too (default: TFS_MODEL, then default and model)")
    .option("--version <number>", "this version of it", readVersion)
    .option("--label <label>", "the version with this label")
    .option("--signature <name>", "this signature of it", "serving_default")
    .option("--other <address>", "the same server's other port (default: 8501 beside 8500, and the reverse)")
    .option("--no-predict", "send no prediction")
    .option("--timeout <ms>", "how long to wait for an answer, in milliseconds", readTimeout, 5_000)
    .option("--json", "print JSON for programs");
  takeConnection(command)
    .addHelpText("after", HELP)
    .action(async (address: string | undefined, options: DoctorOptions) => {
      const examination = examinationOf(address ?? DEFAULT_ADDRESS, options);
      const diagnosis = await examine(examination);
      end(exitCodeFor(diagnosis));
      if (options.json) {
        const { findings } = diagnosis;
        output.line(toJson({ status: worstOf(findings), addresses: addressesOf(examination), findings }));
      } else {
        print(output, diagnosis.findings);
      }
    });
}

const DEFAULT_ADDRESS = "http://localhost:8501";

const HELP = `
Makes some connections, asks for status and signatures, and sends one random row
over each wire. It never loads a server, and changes nothing.

From outside nobody can see: the REST timeout (--rest_api_timeout_in_ms, 30 s),
how many rows a batch may have, memory (tfserving soak and watch read it
elsewhere).

Examples:
  $ tfserving doctor
  $ tfserving doctor grpc://localhost:8500 -m ranker
  $ tfserving doctor grpcs://models.example:443 --other https://rest.example:443
  $ tfserving doctor grpcs://10.0.0.5:8500 --tls-ca ca.pem --json

Exit codes: 0 no error, 1 wrong usage, 2 nobody there, 4 an error was found.`;

function examinationOf(address: string, options: DoctorOptions): Examination {
  const { tlsCa, tlsCert, tlsKey, tlsServerName } = options;
  return {
    target: readTarget(address),
    other: options.other,
    model: options.model,
    choice: versionOf(options),
    signatureName: options.signature,
    predicts: options.predict,
    timeoutMs: options.timeout,
    tls: {
      ...(tlsCa !== undefined && { ca: readPem("--tls-ca", tlsCa) }),
      ...(tlsCert !== undefined && { cert: readPem("--tls-cert", tlsCert) }),
      ...(tlsKey !== undefined && { key: readPem("--tls-key", tlsKey) }),
      ...(tlsServerName !== undefined && { servername: tlsServerName }),
    },
    withClients: (targets, use) => openAll(targets, options, use, []),
  };
}

/** Opens one client after the other, and closes them in reverse. */
async function openAll(
  [target, ...rest]: readonly DoctorTarget[],
  options: DoctorOptions,
  use: (clients: readonly ServingClient[]) => Promise<Finding[]>,
  open: readonly ServingClient[],
): Promise<Finding[]> {
  if (target === undefined) return use(open);
  const { tlsCa: _ca, tlsCert: _cert, tlsKey: _key, tlsServerName: _name, ...clear } = options;
  return withClient(addressOf(target), target.isSecure ? options : clear, (client) =>
    openAll(rest, options, use, [...open, client]),
  );
}

const STYLES: Readonly<Record<Severity, Style>> = { ok: "good", info: "dim", warning: "careful", error: "bad" };

function print(output: Output, findings: readonly Finding[]): void {
  const { paint } = output.out;
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = " ".repeat("warning  ".length + width + 2);
  for (const { check, severity, found, advice } of findings) {
    const [first = "", ...more] = wrap(found, indent);
    const head = `${paint(STYLES[severity], severity)}${" ".repeat(9 - severity.length)}${check.padEnd(width)}  `;
    output.line(head + first.slice(indent.length));
    for (const line of more) output.line(line);
    if (advice !== undefined) for (const line of wrap(`-> ${advice}`, indent)) output.line(line);
  }
  const count = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  const plural = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  output.line(`${plural(count("error"), "error")}, ${plural(count("warning"), "warning")}`);
}

function exitCodeFor({ findings, isReachable }: Diagnosis): ExitCode {
  if (!isReachable) return EXIT.connect;
  return worstOf(findings) === "error" ? EXIT.unhealthy : EXIT.ok;
}
