import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect } from "vitest";
import { type Laboratory, PHASE_TIMEOUT_MS } from "../lab/laboratory.ts";
import { row } from "../lab/row.ts";
import { unknownNames } from "../lab/unknown-names.ts";

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));
const SERVER = { cert: pem("server"), key: pem("server-key") };

/** A server of this test's wire that does everything right, over TLS. */
function secureServer(lab: Laboratory, tls: { readonly cert: Buffer; readonly key: Buffer; readonly ca?: Buffer }) {
  return lab.testServer({ tls: { ...tls, clientVerify: tls.ca !== undefined } });
}

describe("connecting", () => {
  row(1, "both", "a refused connection is unavailable, at once", async (lab) => {
    const outcome = await lab.ask(lab.client(await lab.nobody()));
    expect(outcome.error).toMatchObject({ kind: "unavailable", code: "UNAVAILABLE", retryable: true });
    expect(outcome.error?.message).toContain("ECONNREFUSED");
  });

  row(2, "both", "a name that does not resolve is unavailable and stands in the message", async (lab) => {
    const outcome = await lab.ask(
      lab.client(lab.address(8500, "no-such-host.invalid"), { balancing: unknownNames().balancing }),
    );
    expect(outcome.error).toMatchObject({ kind: "unavailable", code: "UNAVAILABLE" });
    expect(outcome.error?.message).toContain("no-such-host.invalid");
  });

  row(3, "grpc", "silence after accept is a timeout of connecting", async (lab) => {
    const { address, server } = await lab.tcp(() => {});
    const outcome = await lab.ask(lab.client(address, { connectTimeoutMs: 100 }));
    expect(outcome.error).toMatchObject({ kind: "timeout", code: "UNAVAILABLE", retryable: true });
    expect(outcome.error?.message).toContain("connectTimeoutMs");
    await lab.until(() => server.accepted > 0);
  });

  row(3, "rest", "silence after accept is a timeout at the deadline, named as waiting for the reply", async (lab) => {
    const { address } = await lab.tcp(() => {});
    const outcome = await lab.ask(lab.client(address), { timeoutMs: PHASE_TIMEOUT_MS });
    expect(outcome.error).toMatchObject({ kind: "timeout", code: "DEADLINE_EXCEEDED" });
    expect(outcome.error?.message).toContain("waiting for the reply");
  });

  row(4, "both", "a SYN that nobody answers is a timeout of connecting", async (lab) => {
    // A port of a documentation network: packets to it vanish, or the network refuses them.
    const outcome = await lab.ask(lab.client(lab.address(8500, "192.0.2.1"), { connectTimeoutMs: 100 }));
    expect(["timeout", "unavailable"]).toContain(outcome.error?.kind);
    expect(outcome.error?.code).toBe("UNAVAILABLE");
  });

  row(5, "both", "an unknown CA is a TLS failure that names the reason", async (lab) => {
    const { address } = await secureServer(lab, SERVER);
    const outcome = await lab.ask(lab.client(address, { tls: { ca: pem("other-ca") } }), { model: "echo" });
    expect(outcome.error).toMatchObject({ kind: "tls", retryable: false });
    expect(outcome.error?.message).toMatch(/certificate/);
    expect(outcome.attempts).toHaveLength(1);
  });

  row(5, "both", "an expired certificate is a TLS failure that says so", async (lab) => {
    const { address } = await secureServer(lab, { cert: pem("expired"), key: pem("expired-key") });
    const outcome = await lab.ask(lab.client(address, { tls: { ca: pem("ca") } }), { model: "echo" });
    expect(outcome.error).toMatchObject({ kind: "tls", retryable: false });
    expect(outcome.error?.message).toMatch(/expired/i);
    expect(outcome.attempts).toHaveLength(1);
  });

  row(5, "both", "another server's name is a TLS failure that names both", async (lab) => {
    const { address } = await secureServer(lab, SERVER);
    const tls = { ca: pem("ca"), serverName: "model.example" };
    const outcome = await lab.ask(lab.client(address, { tls }), { model: "echo" });
    expect(outcome.error).toMatchObject({ kind: "tls", retryable: false });
    expect(outcome.error?.message).toMatch(/model\.example/);
  });

  row(5, "both", "a missing client certificate fails, and no key is shown", async (lab) => {
    const { address } = await secureServer(lab, { ...SERVER, ca: pem("ca") });
    const outcome = await lab.ask(lab.client(address, { tls: { ca: pem("ca") } }), { model: "echo" });
    expect(["tls", "unavailable"]).toContain(outcome.error?.kind);
    expect(JSON.stringify(outcome.error)).not.toMatch(/BEGIN|PRIVATE/);
  });

  row(6, "both", "plain text to a TLS port fails with a hint", async (lab) => {
    const { address } = await secureServer(lab, SERVER);
    const plain = address.replace(/^(grpc|http)s:/, "$1:");
    const outcome = await lab.ask(lab.client(plain), { model: "echo" });
    expect(["tls", "protocol", "unavailable"]).toContain(outcome.error?.kind);
    expect(outcome.error?.message).toMatch(/TLS|https?:/);
  });

  row(6, "both", "TLS to a port without is a TLS failure that says which address is meant", async (lab) => {
    const { address } = await lab.testServer();
    const secure = address.replace(/^(grpc|http):/, "$1s:");
    const outcome = await lab.ask(lab.client(secure), { model: "echo" });
    expect(outcome.error).toMatchObject({ kind: "tls", retryable: false });
    expect(outcome.error?.message).toMatch(/does not speak TLS/);
  });

  row(7, "both", "the other wire's server is the wrong port, and the error names both", async (lab) => {
    const { grpcAddress, restAddress } = await lab.testServer();
    const other = new URL(lab.wire === "grpc" ? restAddress : grpcAddress);
    const outcome = await lab.ask(lab.client(lab.address(Number(other.port))));
    expect(outcome.error).toMatchObject({ kind: "protocol", retryable: false });
    expect(outcome.error?.message).toMatch(/8500.*8501|8501.*8500/);
    expect(outcome.attempts).toHaveLength(1);
  });

  row(7, "grpc", "an HTTP/1.1 server that closes after 400 is the wrong port too", async (lab) => {
    const server = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const outcome = await lab.ask(lab.client(lab.address((server.address() as AddressInfo).port)));
      expect(outcome.error).toMatchObject({ kind: "protocol", retryable: false });
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  row(8, "both", "a reset before any byte is unavailable", async (lab) => {
    const { address } = await lab.tcp((socket) => socket.resetAndDestroy());
    const outcome = await lab.ask(lab.client(address));
    expect(outcome.error).toMatchObject({ kind: "unavailable", code: "UNAVAILABLE", retryable: true });
  });
});
