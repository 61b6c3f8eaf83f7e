import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import { Cancellation } from "../internal/cancellation.ts";
import type { CallDesk } from "./call-desk.ts";
import { ConnectionReset } from "./faults.ts";
import { answerRest, type RestHandlerOptions, type RestReply } from "./rest-handler.ts";
import { listen, type RunningServer } from "./running-server.ts";
import type { ServerTlsOptions } from "./server-tls.ts";
import type { ServingCore } from "./serving-core.ts";

/** A page beside the REST API, such as the metrics. */
export interface ExtraPage {
  readonly path: string;
  render(): string;
}

export interface RestServerOptions extends RestHandlerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: ServerTlsOptions | undefined;
  readonly page: ExtraPage | undefined;
}

/** The REST side: HTTP/1.1 in front of {@link answerRest}. */
export async function startRestServer(
  core: ServingCore,
  desk: CallDesk,
  options: RestServerOptions,
): Promise<RunningServer> {
  const { tls } = options;
  const server = tls
    ? createSecureServer({
        cert: toPem(tls.cert),
        key: toPem(tls.key),
        ...(tls.ca === undefined ? {} : { ca: toPem(tls.ca) }),
        requestCert: tls.clientVerify ?? false,
        rejectUnauthorized: tls.clientVerify ?? false,
      })
    : createServer();
  // The real server sets no time limit to a connection, idle or not.
  server.keepAliveTimeout = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  const sockets = new Set<Socket>();
  const closing = new Cancellation();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const cancellation = new Cancellation();
    const release = closing.onCancel((reason) => cancellation.cancel(reason));
    response.on("close", () => {
      release();
      // After an answer nobody listens any more, so that this only stops what waits for a client that has left.
      cancellation.cancel(new Error("the client has left"));
    });
    handle(core, desk, request, cancellation, options).then(
      (reply) => send(request, response, reply),
      (thrown: unknown) => {
        if (thrown instanceof ConnectionReset) reset(request.socket);
        else request.socket.destroy();
      },
    );
  });
  const port = await listen(server, options);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        closing.cancel(new Error("the test server was closed"));
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function handle(
  core: ServingCore,
  desk: CallDesk,
  request: IncomingMessage,
  cancellation: Cancellation,
  options: RestServerOptions,
): Promise<RestReply> {
  const { method = "", url: target = "" } = request;
  const body = await readBody(request);
  const { page } = options;
  if (page && pathOf(target) === page.path) return renderPage(page, target);
  return answerRest(core, desk, { method, target, headers: toHeaders(request), body, cancellation }, options);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

function toHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

function pathOf(target: string): string {
  return target.split("?", 1)[0] ?? "";
}

function renderPage(page: ExtraPage, target: string): RestReply {
  const headers = { "content-type": "text/plain" };
  // Routed by path, then compared whole: a query is a mistake of its own.
  if (target === page.path) return { status: 200, headers, body: Buffer.from(page.render()) };
  return { status: 400, headers, body: Buffer.from(`Unexpected path: ${target}. Should be ${page.path}`) };
}

function send(request: IncomingMessage, response: ServerResponse, reply: RestReply): void {
  response.writeHead(reply.status, { ...reply.headers, "content-length": reply.body.byteLength });
  if (reply.cutAfterBytes === undefined || reply.cutAfterBytes >= reply.body.byteLength) {
    response.end(reply.body);
    return;
  }
  // An empty chunk would still wait for the body; the headers have to be on their way first.
  response.flushHeaders();
  response.write(reply.body.subarray(0, reply.cutAfterBytes), () => reset(request.socket));
}

function reset(socket: Socket): void {
  // TLS has no reset of its own; there the connection just ends.
  if (typeof socket.resetAndDestroy === "function" && !("encrypted" in socket)) socket.resetAndDestroy();
  else socket.destroy();
}

function toPem(pem: string | Uint8Array): string | Buffer {
  return typeof pem === "string" ? pem : Buffer.from(pem);
}
