import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { credentials } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import type { TlsOptions } from "../../../src/contract/tls.ts";
import { newContext } from "../policies/call-context.ts";
import {
  answer,
  failureOf,
  openPeer,
  openSocketPeer,
  openTlsTransport,
  openTransport,
  predictReply,
  REQUEST,
} from "./peers.ts";

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));

const SERVER = { cert: pem("server"), key: pem("server-key") };
const reply = () =>
  [(stream: Parameters<typeof answer>[0]) => answer(stream, { messages: [predictReply()] }), SERVER] as const;

function callWith(port: number, tls: TlsOptions) {
  return openTlsTransport(port, { tls }).call("predict", REQUEST, newContext());
}

describe("TLS", () => {
  it("trusts the authority that it is told to trust", async () => {
    const peer = await openPeer(...reply());
    expect((await callWith(peer.port, { ca: pem("ca") })).outputs["y"]?.size).toBe(1);
    expect((await callWith(peer.port, { ca: pem("ca").toString() })).outputs["y"]?.size).toBe(1);
  });

  it("checks the name that it is told to check", async () => {
    const peer = await openPeer(...reply());
    expect((await callWith(peer.port, { ca: pem("ca"), serverName: "localhost" })).outputs["y"]?.size).toBe(1);
    const error = await failureOf(callWith(peer.port, { ca: pem("ca"), serverName: "elsewhere.test" }));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "tls", retryable: false });
    expect(error.rawMessage).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it("checks an IP address, and does not send it as a name", async () => {
    const names: unknown[] = [];
    const SNICallback = (name: string, done: (error: null) => void) => {
      names.push(name);
      done(null);
    };
    const peer = await openPeer(reply()[0], { ...SERVER, SNICallback });
    const address = { wire: "grpc", secure: true, port: peer.port, socketPath: undefined, pathPrefix: "" } as const;
    const target = { ...address, host: "127.0.0.1", endpoint: `grpcs://127.0.0.1:${peer.port}` };
    const transport = openTransport(peer.port, { target, tls: { ca: pem("ca") } });
    expect((await transport.call("predict", REQUEST, newContext())).outputs["y"]?.size).toBe(1);
    expect(names).toEqual([]);
    await callWith(peer.port, { ca: pem("ca") });
    expect(names).toEqual(["localhost"]);
  });

  it.each([
    ["an unknown authority", SERVER, { ca: pem("other-ca") }, /^TLS to grpcs:\/\/localhost:\d+ failed: .*certificate/],
    [
      "an expired certificate",
      { cert: pem("expired"), key: pem("expired-key") },
      { ca: pem("ca") },
      /certificate has expired \(CERT_HAS_EXPIRED\)$/,
    ],
    [
      "a version below the least one",
      { ...SERVER, maxVersion: "TLSv1.2" },
      { ca: pem("ca"), minVersion: "TLSv1.3" },
      /ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/,
    ],
    [
      "no client certificate where one is asked for",
      { ...SERVER, ca: pem("ca"), requestCert: true, rejectUnauthorized: true },
      { ca: pem("ca") },
      /^TLS to grpcs:\/\/localhost:\d+ failed: it asks for a client certificate \(tls\.cert, tls\.key\): tlsv13 alert certificate required/,
    ],
  ] as const)("fails with the reason for %s, and is not tried again", async (_, server, tls, text) => {
    const peer = await openPeer(() => {}, server);
    const error = await failureOf(callWith(peer.port, tls));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "tls", retryable: false });
    expect(error.rawMessage).toMatch(text);
    expect(error.rawMessage).not.toContain("BEGIN");
  });

  it("shows a client certificate to a server that asks for it", async () => {
    const server = { ...SERVER, ca: pem("ca"), requestCert: true, rejectUnauthorized: true };
    const peer = await openPeer(reply()[0], server);
    const tls = { ca: pem("ca"), cert: pem("client"), key: pem("client-key") };
    expect((await callWith(peer.port, tls)).outputs["y"]?.size).toBe(1);
  });

  it("is taken from credentials of grpc-js where they are given", async () => {
    const peer = await openPeer(...reply());
    const transport = openTlsTransport(peer.port, { credentials: credentials.createSsl(pem("ca")) });
    expect((await transport.call("predict", REQUEST, newContext())).outputs["y"]?.size).toBe(1);
  });
});

describe("the wrong kind of port", () => {
  it("TLS on a plain gRPC port", async () => {
    const peer = await openPeer(() => {});
    const error = await failureOf(callWith(peer.port, { ca: pem("ca") }));
    expect(error).toMatchObject({ kind: "tls", retryable: false });
    expect(error.rawMessage).toContain("the peer does not speak TLS on this port (without TLS it is grpc://)");
  });

  it("TLS on a plain HTTP/1.1 port", async () => {
    const port = await openSocketPeer(http.createServer());
    const error = await failureOf(callWith(port, { ca: pem("ca") }));
    expect(error).toMatchObject({ kind: "tls", retryable: false });
    expect(error.rawMessage).toContain("the peer does not speak TLS on this port");
  });

  it("TLS on the port of an HTTPS server without HTTP/2", async () => {
    const port = await openSocketPeer(https.createServer(SERVER));
    const error = await failureOf(callWith(port, { ca: pem("ca") }));
    expect(error).toMatchObject({ kind: "protocol", retryable: false });
    expect(error.rawMessage).toContain("it speaks TLS but not HTTP/2");
  });

  it("no TLS on a TLS port that closes without a word: it may come back, so this may be tried again", async () => {
    const peer = await openPeer(() => {}, SERVER);
    const error = await failureOf(openTransport(peer.port).call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ kind: "unavailable", retryable: true });
    expect(error.rawMessage).toContain(
      "the peer closed the connection before it spoke HTTP/2 (does it want TLS, grpcs://?)",
    );
  });

  it("no TLS on a TLS port that answers with an alert", async () => {
    const alert = Buffer.from([0x15, 3, 1, 0, 2, 2, 70]);
    const port = await openSocketPeer(net.createServer((socket) => socket.end(Buffer.concat([alert, alert]))));
    const error = await failureOf(openTransport(port).call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ kind: "protocol", retryable: false });
    expect(error.rawMessage).toContain("does it want TLS (grpcs://)?");
  });
});
