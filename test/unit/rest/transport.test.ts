import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { retryFactsOf } from "../../../src/errors/retry-facts.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import type { RestTransportOptions } from "../../../src/rest/options.ts";
import { createRestTransport } from "../../../src/rest/transport.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { newContext } from "../policies/call-context.ts";
import { failure, HALF_PLUS_TWO, options, serve, serveBytes, serveRaw, type TestServer, target } from "./fixture.ts";

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function open(server: TestServer, over: Partial<RestTransportOptions> = {}) {
  const transport = createRestTransport(options(server.port, over));
  cleanups.push(
    () => server.close(),
    () => transport.close(),
  );
  return transport;
}

const OUTPUTS = '{"outputs": [2.5, 3.0, 4.5]}';

function ok(body: string | Buffer, headers = ""): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n`;
}

describe("createRestTransport", () => {
  it("sends a predict and gives its outputs, and says in the ledger what it did", async () => {
    const seen: unknown[] = [];
    const server = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        seen.push([request.method, request.url, body, request.headers]);
        response.setHeader("content-type", "application/json").end(OUTPUTS);
      });
    });
    const transport = open(server);
    expect([transport.name, transport.endpoint]).toEqual(["rest", `http://127.0.0.1:${server.port}`]);
    const call = newContext({ headers: { "x-id": "7" } });
    const { outputs, modelSpec } = await transport.call("predict", HALF_PLUS_TWO, call);
    expect(outputs["outputs"]).toMatchObject({ shape: [3], data: Float32Array.of(2.5, 3, 4.5) });
    expect(modelSpec).toEqual({ name: "half_plus_two" });
    const body = '{"inputs":{"x":[1,2,5]}}';
    expect(seen).toEqual([
      [
        "POST",
        "/v1/models/half_plus_two:predict",
        body,
        expect.objectContaining({
          "x-id": "7",
          accept: "application/json",
          "accept-encoding": "identity",
          "content-type": "application/json",
          "content-length": String(body.length),
          "user-agent": expect.stringMatching(/^tfserving-node\/\d/),
        }),
      ],
    ]);
    expect(call.ledger).toMatchObject({
      attempts: [{ attempt: 1, endpoint: transport.endpoint, code: "OK", durationMs: expect.any(Number) }],
      responseHeaders: { "content-type": "application/json" },
      requestBytes: body.length,
      responseBytes: OUTPUTS.length,
      phase: "reading the body",
    });
  });

  it("gets status and metadata without a body, below the gateway's prefix", async () => {
    const urls: (string | undefined)[] = [];
    const server = await serve((request, response) => {
      urls.push(`${request.method} ${request.url} ${request.headers["content-length"]}`);
      response.end('{"model_version_status":[]}');
    });
    const transport = open(server, { target: target(server.port, { pathPrefix: "/gateway/a" }) });
    expect(await transport.call("getModelStatus", { model: "m" }, newContext())).toEqual({ versions: [] });
    expect(urls).toEqual(["GET /gateway/a/v1/models/m undefined"]);
  });

  it("reuses connections for one call after the other", async () => {
    const server = await serve((_, response) => response.end(OUTPUTS));
    const transport = open(server);
    for (let round = 0; round < 5; round++) await transport.call("predict", HALF_PLUS_TWO, newContext());
    // A connection is free again a moment after its reply, so two take turns.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it("opens as many connections as allowed, and no more", async () => {
    const server = await serve((_, response) => setImmediate(() => response.end(OUTPUTS)));
    const transport = open(server, { connections: 3 });
    await Promise.all(Array.from({ length: 20 }, () => transport.call("predict", HALF_PLUS_TWO, newContext())));
    expect(server.connections()).toBe(3);
  });

  it("opens a connection a call without keep-alive", async () => {
    const server = await serve((_, response) => response.end(OUTPUTS));
    const transport = open(server, { keepalive: false });
    for (let round = 0; round < 3; round++) await transport.call("predict", HALF_PLUS_TWO, newContext());
    expect(server.connections()).toBe(3);
  });

  it("compresses request bodies when asked, and reads a compressed reply", async () => {
    const server = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const gzipped = request.headers["content-encoding"] === "gzip" && Buffer.concat(chunks)[0] === 0x1f;
        response.setHeader("content-encoding", "gzip").end(gzipSync(gzipped ? OUTPUTS : "{}"));
      });
    });
    const call = newContext({ compression: "gzip" });
    const { outputs } = await open(server).call("predict", HALF_PLUS_TWO, call);
    expect(outputs["outputs"]!.size).toBe(3);
    expect(call.ledger.responseBytes).toBe(OUTPUTS.length);
  });

  it("refuses what REST has no route for, before anything is sent", async () => {
    const server = await serve((_, response) => response.end());
    const transport = open(server);
    const call = newContext();
    const reload = await failure(() => transport.call("reloadConfig", { config: { models: [] } }, call));
    expect(reload).toMatchObject({ code: "UNIMPLEMENTED", kind: "unsupported", operation: "reloadConfig" });
    expect(reload.rawMessage).toContain("8500");
    const request = { model: "m", tasks: [], examples: [] };
    const multi = await failure(() => transport.call("multiInference", request, call));
    expect(multi).toMatchObject({ code: "UNIMPLEMENTED", model: "m" });
    expect([server.connections(), call.ledger.attempts]).toEqual([0, []]);
  });

  it("refuses a wrong header before anything is sent, without showing its value", async () => {
    const server = await serve((_, response) => response.end());
    const call = newContext({ headers: { "x-key": "s3cret\r\nx-evil: 1" } });
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, call));
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toContain('"x-key"');
    expect(JSON.stringify(error)).not.toContain("s3cret");
    expect(server.connections()).toBe(0);
  });

  it("refuses a dispatcher together with TLS options", () => {
    expect(() => createRestTransport(options(1, { tls: {}, dispatcher: {} as never }))).toThrow(TypeError);
  });

  it("sends through the caller's dispatcher, which it leaves open", async () => {
    const { Pool } = await import("undici");
    const server = await serve((_, response) => response.end(OUTPUTS));
    const pool = new Pool(`http://127.0.0.1:${server.port}`);
    const transport = open(server, { dispatcher: pool });
    cleanups.push(() => pool.destroy());
    await transport.call("predict", HALF_PLUS_TWO, newContext());
    await transport.close();
    expect(pool.destroyed).toBe(false);
  });
});

describe("a failing call", () => {
  it("keeps the server's own words and says where they came from", async () => {
    const server = await serve((_, response) => response.writeHead(404).end('{\n    "error": "Servable not found"\n}'));
    const call = newContext();
    const transport = open(server);
    const error = await failure(() => transport.call("predict", HALF_PLUS_TWO, call));
    expect(error).toMatchObject({
      code: "NOT_FOUND",
      kind: "not_found",
      rawMessage: "Servable not found",
      operation: "predict",
      model: "half_plus_two",
      endpoint: transport.endpoint,
      attempts: [{ attempt: 1, code: "NOT_FOUND" }],
    });
  });

  it("is unavailable when nobody listens, and may be sent again", async () => {
    const server = await serve(() => {});
    await server.close();
    const transport = createRestTransport(options(server.port));
    cleanups.push(() => transport.close());
    const error = await failure(() => transport.call("predict", HALF_PLUS_TWO, newContext()));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "unavailable", retryable: true });
    expect(error.rawMessage).toContain("the connection was refused (ECONNREFUSED)");
  });

  it("names a host that does not resolve", async () => {
    const host = "no-such-host.invalid";
    const transport = createRestTransport(options(1, { target: target(1, { host, endpoint: `http://${host}:1` }) }));
    cleanups.push(() => transport.close());
    const error = await failure(() => transport.call("predict", HALF_PLUS_TWO, newContext()));
    expect(error.kind).toBe("unavailable");
    expect(error.rawMessage).toContain(host);
  });

  it("is unavailable when the connection is reset before a byte came", async () => {
    const server = await serveRaw((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "unavailable", retryable: true });
  });

  it.each([
    ["a known length", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"],
    ["a known length and no keep-alive", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{"],
    ["chunks", 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"out'],
    [
      "chunks and no keep-alive",
      'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"out',
    ],
  ])("is unavailable when a body of %s is cut", async (_, bytes) => {
    const server = await serveBytes(bytes);
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "unavailable", retryable: true });
  });

  it("is truncated when only the closed connection ended half a body", async () => {
    const server = await serveBytes('HTTP/1.1 200 OK\r\n\r\n{"outputs": [1.0, 2.');
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "truncated", retryable: true });
  });

  it("takes a whole body that the closed connection ended", async () => {
    const server = await serveBytes(`HTTP/1.1 200 OK\r\n\r\n${OUTPUTS}`);
    const { outputs } = await open(server).call("predict", HALF_PLUS_TWO, newContext());
    expect(outputs["outputs"]!.size).toBe(3);
  });

  it("hints at the port when the peer speaks HTTP/2", async () => {
    // The empty SETTINGS frame that a gRPC server greets with.
    const server = await serveRaw((socket) => socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])));
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error).toMatchObject({ kind: "protocol", retryable: false });
    expect(error.rawMessage).toContain("gRPC is usually on port 8500 and REST on 8501");
  });

  it("hints at TLS when the peer answers with an alert", async () => {
    const server = await serveBytes(Buffer.from([21, 3, 1, 0, 2, 2, 70]));
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error.rawMessage).toContain("it wants TLS, use https:");
  });

  it.each([
    ["a page with status 200", ok("<html>hi</html>"), "<html>hi</html>", "protocol", "INTERNAL"],
    ["a gateway's 502", "HTTP/1.1 502 Bad\r\ncontent-length: 4\r\n\r\noops", "oops", "unavailable", "UNAVAILABLE"],
    ["an empty 503", "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", "an empty body", "unavailable", "UNAVAILABLE"],
    ["status 204", "HTTP/1.1 204 No\r\n\r\n", "HTTP 204, expected 200", "protocol", "INTERNAL"],
  ])("shows the beginning of %s", async (_, head, shown, kind, code) => {
    const server = await serveBytes(head, head.startsWith("HTTP/1.1 200") ? "<html>hi</html>" : "");
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error).toMatchObject({ kind, code });
    expect(error.rawMessage).toContain(shown);
  });

  it("does not follow a redirect", async () => {
    const location = "http://user:s3cret@elsewhere.invalid/v1/x?token=s3cret";
    const server = await serve((_, response) => response.writeHead(307, { location }).end());
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error.kind).toBe("protocol");
    expect(error.rawMessage).toContain("http://elsewhere.invalid/v1/x");
    expect(error.rawMessage).not.toContain("s3cret");
  });

  it("skips informational replies", async () => {
    const server = await serveBytes("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", ok(OUTPUTS), OUTPUTS);
    const { outputs } = await open(server).call("predict", HALF_PLUS_TWO, newContext());
    expect(outputs["outputs"]!.size).toBe(3);
  });

  it.each([
    ["an encoding it does not read", "br", Buffer.from("x"), "decode"],
    ["broken gzip", "gzip", Buffer.from("not gzip"), "decode"],
    ["gzip that ends early", "gzip", gzipSync(OUTPUTS).subarray(0, 20), "decode"],
    ["a gzip bomb", "gzip", gzipSync(Buffer.alloc(80 << 20, 32)), "too_large"],
  ])("refuses %s", async (_, encoding, body, kind) => {
    const server = await serve((_request, response) => response.setHeader("content-encoding", encoding).end(body));
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error).toMatchObject({ kind, retryable: false });
  });

  it("stops a bomb at 200 times its size, long before the limit", async () => {
    const server = await serve((_, response) =>
      response.setHeader("content-encoding", "gzip").end(gzipSync(Buffer.alloc(8 << 20, 32))),
    );
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error.kind).toBe("too_large");
  });

  it("refuses a declared length above the limit without reading it", async () => {
    const server = await serveRaw((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n{"));
    });
    const error = await failure(() => open(server).call("predict", HALF_PLUS_TWO, newContext()));
    expect(error.kind).toBe("too_large");
    expect(error.rawMessage).toBe("the reply has 1073741824 bytes or more, the limit is 67108864 (maxMessageBytes)");
  });

  it("stops reading a body of unknown length at the limit", async () => {
    const server = await serve((_, response) => {
      const chunk = Buffer.alloc(16 << 10, 32);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    });
    const error = await failure(() =>
      open(server, { maxMessageBytes: 100_000 }).call("predict", HALF_PLUS_TWO, newContext()),
    );
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", kind: "too_large", retryable: false });
  });

  it("uses the pool on after replies that were given up", async () => {
    let calls = 0;
    const server = await serve((_, response) => response.end(calls++ < 4 ? " ".repeat(1000) : OUTPUTS));
    const transport = open(server, { maxMessageBytes: 100, connections: 2 });
    for (let round = 0; round < 4; round++) await failure(() => transport.call("predict", HALF_PLUS_TWO, newContext()));
    const { outputs } = await transport.call("predict", HALF_PLUS_TWO, newContext());
    expect(outputs["outputs"]!.size).toBe(3);
  });
});

describe("cancelling", () => {
  const reason = new Error("the caller's own");

  async function cancelled(
    server: TestServer,
    when: (cancel: () => void) => void,
    over: Partial<RestTransportOptions> = {},
  ) {
    const transport = open(server, over);
    const cancellation = new Cancellation();
    const call = newContext({ cancellation });
    const pending = transport.call("predict", HALF_PLUS_TWO, call);
    when(() => cancellation.cancel(reason));
    await expect(pending).rejects.toBe(reason);
    return { call, transport };
  }

  it("rejects with the reason before anything is sent", async () => {
    const server = await serve((_, response) => response.end(OUTPUTS));
    const cancellation = new Cancellation();
    cancellation.cancel(reason);
    const call = newContext({ cancellation });
    await expect(open(server).call("predict", HALF_PLUS_TWO, call)).rejects.toBe(reason);
    expect([server.connections(), call.ledger.attempts]).toEqual([0, []]);
  });

  it("stops waiting for the connection", async () => {
    const server = await serveRaw(() => {});
    const { call } = await cancelled(server, (cancel) => queueMicrotask(cancel));
    expect(call.ledger.attempts).toMatchObject([{ code: "CANCELLED" }]);
  });

  it("stops waiting for the headers, and closes the connection", async () => {
    let closed: Promise<void> | undefined;
    let received: () => void;
    const arrived = new Promise<void>((resolve) => {
      received = resolve;
    });
    const server = await serveRaw((socket) => {
      closed = new Promise((resolve) => socket.once("close", () => resolve()));
      socket.once("data", () => received());
    });
    const { call } = await cancelled(server, (cancel) => void arrived.then(cancel));
    expect(call.ledger.phase).toBe("waiting for the reply");
    await closed;
  });

  it("stops reading a body that drips", async () => {
    const server = await serveRaw((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"));
    });
    const cancellation = new Cancellation();
    const ledger = newContext().ledger;
    Object.defineProperty(ledger, "phase", {
      set: (phase: string) => {
        if (phase === "reading the body") setImmediate(() => cancellation.cancel(reason));
      },
    });
    await expect(open(server).call("predict", HALF_PLUS_TWO, newContext({ cancellation, ledger }))).rejects.toBe(
      reason,
    );
  });

  it("never sends what was given up in the queue", async () => {
    const bodies: string[] = [];
    let release: (() => void) | undefined;
    const server = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        bodies.push(body);
        release = () => response.end(OUTPUTS);
        first();
      });
    });
    let first: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      first = resolve;
    });
    const transport = open(server, { connections: 1 });
    const running = transport.call("predict", HALF_PLUS_TWO, newContext());
    await arrived;
    const cancellation = new Cancellation();
    const queued = transport.call(
      "predict",
      { model: "m", inputs: { q: new Tensor("float32", [], Float32Array.of(9)) } },
      newContext({ cancellation }),
    );
    cancellation.cancel(reason);
    await expect(queued).rejects.toBe(reason);
    release!();
    await running;
    const after = transport.call("predict", HALF_PLUS_TWO, newContext());
    while (bodies.length < 2) await new Promise((resolve) => setImmediate(resolve));
    release!();
    await after;
    expect(bodies.some((body) => body.includes('"q"'))).toBe(false);
  });

  it("stops waiting for a body to be compressed", async () => {
    const server = await serve((_, response) => response.end(OUTPUTS));
    const cancellation = new Cancellation();
    const call = newContext({ cancellation, compression: "gzip" });
    const pending = open(server).call("predict", HALF_PLUS_TWO, call);
    cancellation.cancel(reason);
    await expect(pending).rejects.toBe(reason);
    expect(call.ledger.attempts).toEqual([]);
  });

  it("keeps a deadline's error as it is", async () => {
    const server = await serveRaw(() => {});
    const deadline = new ServingError("too late", { code: "DEADLINE_EXCEEDED", kind: "timeout" });
    const cancellation = new Cancellation();
    const call = newContext({ cancellation });
    const pending = open(server).call("predict", HALF_PLUS_TWO, call);
    setImmediate(() => cancellation.cancel(deadline));
    await expect(pending).rejects.toBe(deadline);
    expect(call.ledger.attempts).toMatchObject([{ code: "DEADLINE_EXCEEDED" }]);
  });
});

describe("close", () => {
  it("refuses later calls as closed", async () => {
    const server = await serve((_, response) => response.end(OUTPUTS));
    const transport = open(server);
    await transport.call("predict", HALF_PLUS_TWO, newContext());
    await Promise.all([transport.close(), transport.close()]);
    const error = await failure(() => transport.call("predict", HALF_PLUS_TWO, newContext()));
    expect(error).toMatchObject({ code: "CANCELLED", kind: "closed", retryable: false });
  });

  it("ends calls that are still under way as closed", async () => {
    const server = await serveRaw(() => {});
    const transport = open(server);
    const pending = failure(() => transport.call("predict", HALF_PLUS_TWO, newContext()));
    await new Promise((resolve) => setImmediate(resolve));
    await transport.close();
    expect((await pending).kind).toBe("closed");
  });

  it.each([
    ["resets", (socket: Socket) => void socket.resetAndDestroy()],
    ["ends", (socket: Socket) => void socket.end()],
  ])("knows a connection that the server %s as it is used again from one that never served", async (_how, drop) => {
    const server = await serveRaw((socket) => {
      let requests = 0;
      socket.on("data", (chunk) => {
        if (!chunk.includes("POST")) return;
        requests++;
        if (requests === 1) socket.write(ok(OUTPUTS) + OUTPUTS);
        else drop(socket);
      });
    });
    const transport = open(server, { connections: 1 });
    await transport.call("predict", HALF_PLUS_TWO, newContext());
    const second = await failure(() => transport.call("predict", HALF_PLUS_TWO, newContext()));
    expect(second).toMatchObject({ code: "UNAVAILABLE", kind: "unavailable" });
    expect(retryFactsOf(second)).toMatchObject({ delivery: "maybe", again: "yes", stale: true });

    const fresh = open(await serveRaw((socket) => void socket.once("data", () => drop(socket))));
    const first = await failure(() => fresh.call("predict", HALF_PLUS_TWO, newContext()));
    expect(retryFactsOf(first)).toEqual({ delivery: "maybe", again: "yes" });
  });
});
