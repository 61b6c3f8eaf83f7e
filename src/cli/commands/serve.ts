import { type Command, InvalidArgumentError } from "commander";
import type { ServerTlsOptions, TestServer } from "../../testing.ts";
import type { Output } from "../output.ts";
import { readPem } from "../server-options.ts";
import { untilSignal } from "../until-signal.ts";

interface ServeOptions {
  readonly host: string;
  readonly grpcPort: number;
  readonly restPort: number;
  readonly health?: true;
  readonly prometheus?: true;
  readonly tensorContent?: true;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
}

/** `tfserving serve`: a server to try a client on, until it is asked to end. */
export function addServe(program: Command, output: Output): void {
  program
    .command("serve")
    .description("serve half_plus_two, half_plus_three and echo with the rules of TensorFlow Serving")
    .option("--grpc-port <port>", "port of the gRPC API, 0 for any free one", readPort, 8500)
    .option("--rest-port <port>", "port of the REST API, 0 for any free one", readPort, 8501)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--health", "answer grpc.health.v1.Health too")
    .option("--prometheus", "serve metrics at /monitoring/prometheus/metrics")
    .option("--tensor-content", "write tensors of gRPC answers as raw bytes (tensor_content)")
    .option("--tls-cert <file>", "speak TLS with the certificate in this PEM file")
    .option("--tls-key <file>", "PEM file of its key")
    .option("--tls-client-ca <file>", "demand client certificates of this authority (PEM file)")
    .addHelpText("after", EXAMPLES)
    .action(async (options: ServeOptions) => {
      const server = await start(options);
      output.line(server.grpcAddress);
      output.line(server.restAddress);
      await untilSignal();
      await server.close();
    });
}

const EXAMPLES = `
Prints one line a listener, then serves until SIGTERM or Ctrl+C.

Examples:
  $ tfserving serve
  $ curl -d '{"instances": [1, 2, 5]}' \\
      http://127.0.0.1:8501/v1/models/half_plus_two:predict
  $ tfserving serve --grpc-port 0 --rest-port 0 --prometheus

Exit codes: 0 ended as asked, 1 wrong usage, 2 a port cannot be opened.`;

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("a port is a number from 0 to 65535.");
  return port;
}

async function start(options: ServeOptions): Promise<TestServer> {
  // Loaded on use: the commands that only ask a server start without it.
  const { createTestServer, echo, halfPlusThree, halfPlusTwo } = await import("../../testing.ts");
  return createTestServer({
    models: { half_plus_two: halfPlusTwo, half_plus_three: halfPlusThree, echo },
    host: options.host,
    grpcPort: options.grpcPort,
    restPort: options.restPort,
    grpcHealth: options.health,
    prometheus: options.prometheus,
    tensorEncoding: options.tensorContent ? "content" : "values",
    tls: readTls(options),
  });
}

function readTls({ tlsCert, tlsKey, tlsClientCa }: ServeOptions): ServerTlsOptions | undefined {
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new TypeError("--tls-cert and --tls-key go together, and --tls-client-ca needs them both");
  }
  const server = { cert: readPem("--tls-cert", tlsCert), key: readPem("--tls-key", tlsKey) };
  if (tlsClientCa === undefined) return server;
  return { ...server, ca: readPem("--tls-client-ca", tlsClientCa), clientVerify: true };
}
