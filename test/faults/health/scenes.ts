import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { WireOptions } from "../../../src/assembly/wire-options.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import type { TlsOptions } from "../../../src/contract/tls.ts";
import { responseHead } from "../lab/http1-server.ts";
import { SETTING, settingsBytes } from "../lab/http2-frames.ts";
import type { Laboratory, WireName } from "../lab/laboratory.ts";

export interface Scene {
  readonly address: string;
  readonly client?: ClientOptions & WireOptions;
}

/** A fault of the whole connection: it is there from the first byte, whatever is asked. */
export interface ConnectionFault {
  readonly row: number;
  readonly name: string;
  readonly wires: WireName | "both";
  readonly open: (lab: Laboratory) => Promise<Scene>;
  readonly mayPass?: boolean;
}

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));
const SERVER = { cert: pem("server"), key: pem("server-key") };

const tls = (
  row: number,
  name: string,
  server: Readonly<Record<string, Buffer>>,
  client: TlsOptions,
): ConnectionFault => ({
  row,
  name,
  wires: "both",
  open: async (lab) => {
    const { address } = await lab.testServer({ tls: { ...SERVER, ...server, clientVerify: "ca" in server } });
    return { address, client: { tls: client } };
  },
});

/** The head of a reply that promises more than comes. */
const HALF = responseHead(200, { "content-length": "100" });

/** What a socket can do to a probe, whatever it is asked. */
const socket = (row: number, name: string, serve: (socket: Socket) => unknown): ConnectionFault => ({
  row,
  name,
  wires: "both",
  open: (lab) => lab.tcp((each) => void serve(each)),
});

/** Rows 1 to 46, as far as they are about a connection. */
export const CONNECTION_FAULTS: readonly ConnectionFault[] = [
  { row: 1, name: "nobody listens", wires: "both", open: async (lab) => ({ address: await lab.nobody() }) },
  {
    row: 2,
    name: "the name does not resolve",
    wires: "both",
    open: async (lab) => ({ address: lab.address(8500, "no-such-host.invalid") }),
  },
  socket(3, "silence behind accept", () => {}),
  {
    row: 4,
    name: "no packet comes back",
    wires: "both",
    // A documentation network: packets to it vanish, or the network refuses them.
    open: async (lab) => ({ address: lab.address(8500, "192.0.2.1") }),
  },
  tls(5, "an unknown CA", {}, { ca: pem("other-ca") }),
  tls(5, "an expired certificate", { cert: pem("expired"), key: pem("expired-key") }, { ca: pem("ca") }),
  tls(5, "another server's name", {}, { ca: pem("ca"), serverName: "model.example" }),
  tls(5, "no client certificate", { ca: pem("ca") }, { ca: pem("ca") }),
  {
    row: 6,
    name: "plain text to a TLS port",
    wires: "both",
    open: async (lab) => {
      const { address } = await lab.testServer({ tls: { ...SERVER, clientVerify: false } });
      return { address: address.replace(/^(grpc|http)s:/, "$1:") };
    },
  },
  {
    row: 6,
    name: "TLS to a port without",
    wires: "both",
    open: async (lab) => ({ address: (await lab.testServer()).address.replace(/^(grpc|http):/, "$1s:") }),
  },
  {
    row: 7,
    name: "the other wire's port",
    wires: "both",
    open: async (lab) => {
      const { grpcAddress, restAddress } = await lab.testServer();
      return { address: lab.address(Number(new URL(lab.wire === "grpc" ? restAddress : grpcAddress).port)) };
    },
  },
  socket(8, "a reset of every connection", (socket) => socket.resetAndDestroy()),
  socket(12, "a byte now and then, and never a line", (socket) => {
    const timer = setInterval(() => socket.write("H"), 10);
    socket.on("close", () => clearInterval(timer));
  }),
  {
    row: 14,
    name: "a connection that has become a black hole",
    wires: "both",
    open: async (lab) => {
      const proxy = await lab.proxy((await lab.testServer()).address);
      proxy.add({ toxic: "blackHole" });
      return { address: proxy.address };
    },
  },
  {
    row: 22,
    name: "no stream is allowed",
    wires: "grpc",
    open: (lab) => lab.http2({ greet: (connection) => connection.greet([[SETTING.MAX_CONCURRENT_STREAMS, 0]]) }),
  },
  socket(7, "another service", (socket) => socket.write("220 mail ESMTP\r\n")),
  socket(7, "what is no protocol", (socket) => socket.write(Buffer.alloc(4_096, 0xa5))),
  socket(3, "SETTINGS and nothing more", (socket) => socket.write(settingsBytes([]))),
  socket(8, "the end of every connection", (socket) => socket.end()),
  socket(8, "a reset behind the first bytes", (socket) => socket.once("data", () => socket.resetAndDestroy())),
  socket(9, "the end in the middle of a reply", (socket) => socket.once("data", () => socket.end(`${HALF}{"model`))),
  socket(11, "a reply that stops in the middle", (socket) => socket.once("data", () => socket.write(`${HALF}{"model`))),
  socket(13, "a server that never reads", (socket) => socket.pause()),
  socket(36, "a proxy with a page", (socket) =>
    socket.once("data", () => socket.end(`${responseHead(502, { "content-length": "13" })}<h1>502</h1>\n`)),
  ),
  socket(36, "a proxy that says 200 to anything", (socket) =>
    socket.once("data", () => socket.end(`${responseHead(200, { "content-length": "2" })}{}`)),
  ),
  socket(46, "a proxy that redirects", (socket) =>
    socket.once("data", () =>
      socket.end(responseHead(302, { location: "http://127.0.0.1:1/", "content-length": "0" })),
    ),
  ),
  socket(36, "another service, which floods", (socket) => {
    const flood = () => {
      while (socket.writable && socket.write(Buffer.alloc(65_536, 0x20)));
    };
    socket.on("drain", flood);
    flood();
  }),
];
