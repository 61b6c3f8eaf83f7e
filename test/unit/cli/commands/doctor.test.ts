import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import {
  createTestServer,
  halfPlusTwo,
  type TestServerOptions,
  type VersionDefinition,
} from "../../../../src/testing.ts";
import { OUTPUT_SCHEMAS } from "../output-schemas.ts";
import { runMain } from "../record-output.ts";

const pemFile = (name: string) => fileURLToPath(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url));
const pem = (name: string) => readFileSync(pemFile(name), "utf8");
const CA = ["--tls-ca", pemFile("ca")];

const ONLY = halfPlusTwo.versions[1] as VersionDefinition;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(options: Partial<TestServerOptions> = {}) {
  const server = await createTestServer({ models: { m: halfPlusTwo }, ...options });
  closing.push(() => server.close());
  return { grpc: server.grpcAddress, rest: server.restAddress };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as { port: number }).port;
}

/** What doctor says as JSON: findings as `severity check: found`. */
async function diagnose(...args: string[]) {
  const { code, out, complaints } = await runMain("doctor", ...args, "--timeout", "14000", "--json");
  expect(complaints).toBe("");
  const { status, findings, addresses } = OUTPUT_SCHEMAS.doctor.parse(JSON.parse(out));
  const lines = findings.map(({ severity, check, found }) => `${severity} ${check}: ${found}`);
  return {
    code,
    status,
    addresses,
    lines,
    of: (check: string) => lines.filter((line) => line.includes(` ${check}: `)),
  };
}

describe("tfserving doctor", () => {
  it("finds nothing wrong with a server that is well, over both wires", async () => {
    const { grpc, rest } = await serve({ prometheus: true, grpcHealth: true });
    const { code, status, of, addresses } = await diagnose(grpc, "--other", rest, "-m", "m");
    expect([code, status, addresses]).toEqual([0, "ok", [grpc, rest]]);
    expect(of("both wires")).toEqual([
      "ok both wires: they tell the same status",
      "ok both wires: they tell the same signatures",
      "ok both wires: they make the same prediction",
    ]);
    expect(of("metrics page")).toEqual(["ok metrics page: on, at /monitoring/prometheus/metrics"]);
    expect(of("health service")[0]).toContain("grpc.health.v1 is on");
    expect(of("clock")).toEqual(["ok clock: the server's time is this machine's"]);
    expect(of("keepalive")[0]).toMatch(/^ok keepalive: a ping came back in/);
    expect(of("model")).toEqual(["ok model: m: version 1 AVAILABLE"]);
  });

  it("sends one prediction over each wire, and none when told so", async () => {
    let runs = 0;
    const counting: VersionDefinition = {
      ...ONLY,
      predict: (inputs, about) => {
        runs++;
        return ONLY.predict?.(inputs, about) ?? {};
      },
    };
    const { grpc, rest } = await serve({ models: { m: { versions: { 1: counting } } } });
    await diagnose(grpc, "--other", rest, "-m", "m");
    expect(runs).toBe(2);
    const { of } = await diagnose(grpc, "--other", rest, "-m", "m", "--no-predict");
    expect([runs, of("prediction")]).toEqual([2, []]);
  });

  it("names the wrong port, both ways round, with the address to use", async () => {
    const { grpc, rest } = await serve();
    const there = await diagnose(rest.replace("http:", "grpc:"));
    expect(there.code).toBe(4);
    expect(there.of("port")[0]).toContain("speaks HTTP/1, as the REST API does: this is the wrong port for gRPC");
    const back = await runMain("doctor", grpc.replace("grpc:", "http:"));
    expect(back.code).toBe(4);
    expect(back.out.replace(/\s+/g, " ")).toContain(`-> use ${grpc}, or the other port for REST`);
  });

  it("ends with 2 when nobody is there", async () => {
    const { code, of } = await diagnose("grpc://127.0.0.1:1");
    expect(code).toBe(2);
    expect(of("port")[0]).toBe("error port: 127.0.0.1:1 cannot be reached (ECONNREFUSED)");
  });

  it("does not know what a stranger speaks", async () => {
    const sockets = new Set<Socket>();
    const port = await listen(
      createServer((socket) => {
        sockets.add(socket.on("error", () => {}));
        socket.end("SSH-2.0-OpenSSH_9.7\r\n");
      }),
    );
    const { code, of } = await diagnose(`grpc://127.0.0.1:${port}`);
    expect(code).toBe(4);
    expect(of("port")[0]).toContain("answers nothing that is understood");
    for (const socket of sockets) socket.destroy();
  });

  it("says which model there is not", async () => {
    const { grpc, rest } = await serve();
    const { code, of } = await diagnose(grpc, "--other", rest, "-m", "none");
    expect(code).toBe(4);
    expect(of("model")).toHaveLength(2);
    expect(of("model")[0]).toContain("NOT_FOUND");
  });

  it("tries the names that servers have by default", async () => {
    const { grpc } = await serve({ models: { model: halfPlusTwo } });
    const { code, of } = await diagnose(grpc);
    expect(code).toBe(0);
    expect(of("options")[0]).toContain("a model is called model");
    expect(of("prediction")).toHaveLength(1);
    expect((await diagnose((await serve()).grpc)).of("server")).toEqual(["ok server: answers requests for a status"]);
  });

  it("tells two ports of two servers from two ports of one", async () => {
    const { grpc } = await serve();
    const versions = { 1: ONLY, 2: ONLY };
    const { rest } = await serve({ models: { m: { versionPolicy: "all", versions } } });
    const { code, of } = await diagnose(grpc, "--other", rest, "-m", "m");
    expect(code).toBe(4);
    expect(of("both wires")[0]).toBe("error both wires: they tell different status");
  });

  it("sees labels and a policy of versions", async () => {
    const models = {
      m: { versionPolicy: "all", versions: { 1: ONLY, 2: ONLY }, labels: { stable: 1 } },
    } as const;
    const { of } = await diagnose((await serve({ models })).grpc, "-m", "m");
    expect(of("labels")).toEqual(["info labels: stable"]);
    expect(of("options")[0]).toContain("a model config file with a version policy");
  });

  it("sees a clock that is wrong, and a connection that is not kept", async () => {
    const http = createHttpServer((_request, response) => {
      response.writeHead(404, { date: "Thu, 01 Jan 2026 00:00:00 GMT", connection: "close" });
      response.end('{"error": "x"}');
    });
    const port = await listen(http);
    const { of, status } = await diagnose(`http://127.0.0.1:${port}`);
    expect(status).toBe("warning");
    expect(of("clock")[0]).toMatch(/^warning clock: the server's time is \d+ days or more/);
    expect(of("keepalive")[0]).toContain("REST closes the connection after each answer");
    expect(of("metrics page")[0]).toContain("no metrics at");
  });

  describe("over TLS", () => {
    const tlsServer = (name: string, more: object = {}) =>
      serve({ host: "localhost", tls: { cert: pem(name), key: pem(`${name}-key`), ...more } });

    it("is content with a certificate that is right, on both wires", async () => {
      const { grpc, rest } = await tlsServer("server");
      const { code, of } = await diagnose(grpc, "--other", rest, "-m", "m", ...CA);
      expect(code).toBe(0);
      expect(of("tls")).toEqual([
        expect.stringMatching(/^ok tls: TLSv1\.\d, as/),
        expect.stringMatching(/^ok tls: TLSv1/),
      ]);
      expect(of("both wires")).toHaveLength(3);
    });

    it("names TLS where none was expected, and none where it was", async () => {
      const { grpc } = await tlsServer("server");
      const there = await diagnose(grpc.replace("grpcs:", "grpc:"), ...CA);
      expect(there.code).toBe(4);
      expect(there.of("tls")[0]).toContain("speaks TLS, the address says plain text");
      const plain = await diagnose((await serve()).grpc.replace("grpc:", "grpcs:"));
      expect(plain.of("tls")[0]).toContain("speaks no TLS");
    });

    it("names a certificate that expired, one for somebody else, and one that nobody vouches for", async () => {
      const { grpc } = await tlsServer("server");
      expect((await diagnose(grpc)).of("certificate").at(-1)).toContain("it is not trusted");
      const elsewhere = await diagnose(grpc, ...CA, "--tls-server-name", "elsewhere.test");
      expect(elsewhere.of("certificate").at(-1)).toMatch(/^error certificate: it is for .*not for elsewhere\.test$/);
      const expired = await diagnose((await tlsServer("expired")).grpc, ...CA);
      expect(expired.of("certificate")[0]).toContain("it expired");
    });

    it("says that a client certificate is wanted, and is content with one", async () => {
      const { grpc } = await tlsServer("server", { ca: pem("ca"), clientVerify: true });
      const without = await diagnose(grpc, "-m", "m", ...CA);
      expect(without.code).toBe(4);
      expect(without.of("model")[0]).toContain("client certificate");
      const own = ["--tls-cert", pemFile("client"), "--tls-key", pemFile("client-key")];
      expect((await diagnose(grpc, "-m", "m", ...CA, ...own)).code).toBe(0);
    });
  });

  it("prints findings within 80 columns, with a sum", async () => {
    const { grpc, rest } = await serve();
    const { code, out } = await runMain("doctor", grpc, "--other", rest, "-m", "m");
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {7}port {12}/);
    expect(out.split("\n").at(-1)).toBe("0 errors, 0 warnings");
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it.each([
    [["doctor", "localhost:8500"], "doctor: the address is one of grpc://host:8500"],
    [["doctor", "--version", "1", "--label", "a"], "--version and --label exclude each other"],
  ])("refuses %j with 1", async (args, message) => {
    const { code, complaints } = await runMain(...args);
    expect(code).toBe(1);
    expect(complaints).toContain(message);
  });
});
