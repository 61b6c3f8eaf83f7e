import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { PredictRequest } from "#generated/tensorflow_serving/apis/predict.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { newContext } from "../policies/call-context.ts";
import {
  answer,
  deferred,
  failureOf,
  frame,
  openPeer,
  openSocketPeer,
  openTransport,
  predictReply,
  REQUEST,
  refuse,
} from "./peers.ts";

describe("createGrpcTransport", () => {
  it("makes a call and writes down what happened on the wire", async () => {
    const peer = await openPeer((stream) =>
      answer(stream, {
        messages: [predictReply([1.5])],
        headers: { "x-head": "1" },
        trailers: { "x-tail": "2", "grpc-retry-pushback-ms": "7" },
      }),
    );
    const transport = openTransport(peer.port);
    const context = newContext({ headers: { "x-request-id": "9" }, deadlineAt: performance.now() + 5_000 });
    const { outputs, modelSpec } = await transport.call("predict", REQUEST, context);
    expect(outputs["y"]?.data).toEqual(Float32Array.of(1.5));
    expect(modelSpec).toEqual({ name: "m", version: 1 });

    const [{ headers, message }] = peer.received as [(typeof peer.received)[0]];
    expect(headers[":path"]).toBe("/tensorflow.serving.PredictionService/Predict");
    expect(headers["x-request-id"]).toBe("9");
    expect(headers["user-agent"]).toMatch(/^tfserving-node\/\d+\.\d+\.\d+ grpc-node-js\//);
    expect(headers["grpc-timeout"]).toMatch(/^(4\d\d\d|50[012]\d)m$/);
    expect([...PredictRequest.decode(message).inputs.keys()]).toEqual(["x"]);

    const { ledger } = context;
    expect(ledger.requestBytes).toBe(message.length);
    expect(ledger.responseBytes).toBe(predictReply().length);
    expect(ledger.responseHeaders).toMatchObject({ "x-head": "1" });
    expect(ledger.responseTrailers).toMatchObject({ "x-tail": "2", "grpc-retry-pushback-ms": "7" });
    expect(Object.getPrototypeOf(ledger.responseHeaders)).toBeNull();
    expect(ledger.attempts).toEqual([
      { attempt: 1, endpoint: transport.endpoint, code: "OK", durationMs: expect.any(Number) },
    ]);
  });

  it("sends each call its own headers and time, also where headers come again", async () => {
    const peer = await openPeer((stream) => answer(stream, { messages: [predictReply()] }));
    const transport = openTransport(peer.port);
    const headers = { "x-a": "1" };
    for (const overrides of [
      { headers, deadlineAt: performance.now() + 60_000 },
      { headers },
      { headers: { "x-b": "2" } },
      { headers, deadlineAt: performance.now() + 600_000 },
    ]) {
      await transport.call("predict", REQUEST, newContext(overrides));
    }
    const seen = peer.received.map(({ headers: all }) => [
      all["x-a"],
      all["x-b"],
      all["grpc-timeout"] === undefined ? undefined : String(all["grpc-timeout"]).length,
    ]);
    expect(seen).toEqual([
      ["1", undefined, "60000m".length],
      ["1", undefined, undefined],
      [undefined, "2", undefined],
      ["1", undefined, "600000m".length],
    ]);
  });

  it("leaves out the headers of a reply that is well where nobody reads them, and never the trailers of a failure", async () => {
    let fails = false;
    const peer = await openPeer((stream) =>
      answer(stream, {
        messages: [predictReply()],
        headers: { "x-head": "1" },
        trailers: { "x-tail": "2", ...(fails ? { "grpc-status": "5" } : {}) },
      }),
    );
    const transport = openTransport(peer.port);
    const call = async () => {
      const { ledger, ...context } = newContext();
      const quiet = { ...context, ledger: { ...ledger, wantsHeaders: false } };
      await transport.call("predict", REQUEST, quiet).catch(() => {});
      return [quiet.ledger.responseHeaders, quiet.ledger.responseTrailers];
    };
    expect(await call()).toEqual([undefined, undefined]);
    fails = true;
    expect(await call()).toEqual([undefined, { "x-tail": "2" }]);
  });

  it("opens no connection before the first call, and one for all calls", async () => {
    const peer = await openPeer((stream) => answer(stream, { messages: [predictReply()] }));
    const transport = openTransport(peer.port);
    expect(peer.connections()).toBe(0);
    for (let call = 0; call < 3; call++) await transport.call("predict", REQUEST, newContext());
    expect(peer.connections()).toBe(1);
  });

  it("spreads calls over as many channels as it may have, the least busy first", async () => {
    const streams: http2.ServerHttp2Stream[] = [];
    const used = new Set<unknown>();
    const peer = await openPeer((stream) => {
      used.add(stream.session);
      if (streams.push(stream) === 4) for (const each of streams) answer(each, { messages: [predictReply()] });
    });
    const transport = openTransport(peer.port, { connections: 2 });
    await Promise.all(Array.from({ length: 4 }, () => transport.call("predict", REQUEST, newContext())));
    expect(peer.connections()).toBe(2);
    expect(used.size).toBe(2);
  });

  it("reaches a unix socket", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tfs-"));
    const path = join(folder, "s");
    const server = http2.createServer();
    server.on("stream", (stream) => answer(stream, { messages: [predictReply()] }));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(async () => {
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    });
    expect(existsSync(path)).toBe(true);
    const target = { wire: "grpc", secure: false, host: "", port: 0, socketPath: path, pathPrefix: "", endpoint: "u" };
    const transport = openTransport(0, { target: target as never });
    const { outputs } = await transport.call("predict", REQUEST, newContext());
    expect(outputs["y"]?.size).toBe(1);
    await transport.close();
  });

  it("reports the server's own error with everything about the call", async () => {
    const peer = await openPeer((stream) => refuse(stream, 5, "Servable not found for request: Latest(m)\u001b[31m"));
    const transport = openTransport(peer.port);
    const context = newContext();
    const error = await failureOf(transport.call("predict", REQUEST, context));
    expect(error).toMatchObject({
      code: "NOT_FOUND",
      kind: "not_found",
      rawMessage: "Servable not found for request: Latest(m)\\x1b[31m",
      operation: "predict",
      model: "m",
      endpoint: transport.endpoint,
      retryable: false,
      attempts: [{ attempt: 1, code: "NOT_FOUND" }],
    });
    expect(context.ledger.attempts).toHaveLength(1);
  });

  it("refuses a wrong header before anything is sent", async () => {
    const peer = await openPeer(() => {});
    const context = newContext({ headers: { "x-key": "a\r\nb" } });
    const error = await failureOf(openTransport(peer.port).call("predict", REQUEST, context));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", operation: "predict" });
    expect(context.ledger.attempts).toEqual([]);
    expect(peer.connections()).toBe(0);
  });
});

describe("the limit of a message", () => {
  it("holds for a request before it is sent, with both sizes and the option", async () => {
    const peer = await openPeer(() => {});
    const inputs = { x: new Tensor("uint8", [2000], new Uint8Array(2000)) };
    const transport = openTransport(peer.port, { maxMessageBytes: 1000 });
    const error = await failureOf(transport.call("predict", { model: "m", inputs }, newContext()));
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", kind: "too_large", retryable: false });
    expect(error.rawMessage).toMatch(/^the request has 20\d\d bytes, the limit is 1000 \(maxMessageBytes\)$/);
    expect(peer.connections()).toBe(0);
  });

  it("holds for a reply, and is more than the 4 MiB of grpc-js where it says so", async () => {
    const values = Array.from({ length: 1_300_000 }, () => 1);
    const peer = await openPeer((stream) => answer(stream, { messages: [predictReply(values)] }));
    const { outputs } = await openTransport(peer.port, { maxMessageBytes: 6 << 20 }).call(
      "predict",
      REQUEST,
      newContext(),
    );
    expect(outputs["y"]?.size).toBe(1_300_000);
    const error = await failureOf(openTransport(peer.port).call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", kind: "too_large", retryable: false });
    expect(error.rawMessage).toMatch(/^the reply has 52\d{5} bytes, the limit is 1048576 \(maxMessageBytes\)$/);
  });

  it("holds after decompression", async () => {
    const peer = await openPeer((stream) => answer(stream, { messages: [Buffer.alloc(8 << 20)], gzip: true }));
    const error = await failureOf(openTransport(peer.port).call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", kind: "too_large" });
  });
});

describe("compression", () => {
  it("is gzip on the wire when a call asks for it, also after a C++ server has answered", async () => {
    const peer = await openPeer((stream) =>
      answer(stream, {
        messages: [predictReply()],
        // Word for word what servers built on gRPC C++ send.
        headers: { "grpc-accept-encoding": "identity, deflate, gzip" },
      }),
    );
    const transport = openTransport(peer.port);
    for (let call = 0; call < 3; call++) {
      await transport.call("predict", REQUEST, newContext({ compression: "gzip" }));
    }
    await transport.call("predict", REQUEST, newContext());
    expect(peer.received.map(({ compressed }) => compressed)).toEqual([true, true, true, false]);
    expect(peer.received.map(({ headers }) => headers["grpc-encoding"])).toEqual(["gzip", "gzip", "gzip", undefined]);
    const [first, , , plain] = peer.received;
    expect(gunzipSync(first?.message as Buffer)).toEqual(plain?.message);
  });

  it("ends where the server says that it does not take gzip", async () => {
    const peer = await openPeer((stream) =>
      answer(stream, { messages: [predictReply()], headers: { "grpc-accept-encoding": "identity, deflate" } }),
    );
    const transport = openTransport(peer.port);
    for (let call = 0; call < 2; call++) {
      await transport.call("predict", REQUEST, newContext({ compression: "gzip" }));
    }
    expect(peer.received.map(({ compressed }) => compressed)).toEqual([true, false]);
  });

  it("is read in replies whether it was asked for or not", async () => {
    const peer = await openPeer((stream) => answer(stream, { messages: [predictReply([3])], gzip: true }));
    const context = newContext();
    const { outputs } = await openTransport(peer.port).call("predict", REQUEST, context);
    expect(outputs["y"]?.data).toEqual(Float32Array.of(3));
    expect(context.ledger.responseBytes).toBe(predictReply().length);
  });

  it.each([
    ["corrupt", Buffer.from("not gzip at all")],
    ["cut short", gzipSync(predictReply()).subarray(0, 20)],
  ])("that is %s in a reply is a decode error", async (_, body) => {
    const peer = await openPeer((stream) => {
      stream.respond({ "content-type": "application/grpc", "grpc-encoding": "gzip" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(frame(body, true));
    });
    const error = await failureOf(openTransport(peer.port).call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ code: "INTERNAL", kind: "decode" });
  });

  it("of an unknown kind in a reply is a decode error", async () => {
    const peer = await openPeer((stream) => {
      stream.respond({ "content-type": "application/grpc", "grpc-encoding": "zstd" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(frame(predictReply(), true));
    });
    const error = await failureOf(openTransport(peer.port).call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ code: "INTERNAL", kind: "decode" });
  });
});

describe("an answer that is none", () => {
  it.each([
    ["status abc", (stream: http2.ServerHttp2Stream) => refuse(stream, "abc"), "UNKNOWN", "protocol"],
    ["status 99", (stream: http2.ServerHttp2Stream) => refuse(stream, 99), "UNKNOWN", "protocol"],
    ["status -1", (stream: http2.ServerHttp2Stream) => refuse(stream, -1), "UNKNOWN", "protocol"],
    ["no message", (stream: http2.ServerHttp2Stream) => answer(stream, {}), "INTERNAL", "protocol"],
    [
      "two messages",
      (stream: http2.ServerHttp2Stream) => answer(stream, { messages: [predictReply(), predictReply()] }),
      "INTERNAL",
      "protocol",
    ],
    [
      "half a message",
      (stream: http2.ServerHttp2Stream) => {
        stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(frame(predictReply()).subarray(0, 12));
      },
      "INTERNAL",
      "protocol",
    ],
    [
      "a page with status 200",
      (stream: http2.ServerHttp2Stream) => {
        stream.respond({ ":status": 200, "content-type": "text/html" });
        stream.end("<html><body>welcome</body></html>");
      },
      "INTERNAL",
      "protocol",
    ],
    [
      "a page with status 503",
      (stream: http2.ServerHttp2Stream) => {
        stream.respond({ ":status": 503, "content-type": "text/html" });
        stream.end("<html><body>sorry</body></html>");
      },
      "UNAVAILABLE",
      "unavailable",
    ],
    [
      "a page with status 404",
      (stream: http2.ServerHttp2Stream) => {
        stream.respond({ ":status": 404 });
        stream.end("nothing here");
      },
      "INTERNAL",
      "protocol",
    ],
    [
      "a reset with CANCEL",
      (stream: http2.ServerHttp2Stream) => stream.close(http2.constants.NGHTTP2_CANCEL),
      "UNAVAILABLE",
      "unavailable",
    ],
    [
      "a reset with INTERNAL_ERROR",
      (stream: http2.ServerHttp2Stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
      "INTERNAL",
      "internal",
    ],
    [
      "a reset with ENHANCE_YOUR_CALM",
      (stream: http2.ServerHttp2Stream) => stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM),
      "RESOURCE_EXHAUSTED",
      "overloaded",
    ],
    [
      "a connection that breaks",
      (stream: http2.ServerHttp2Stream) => stream.session?.destroy(),
      "UNAVAILABLE",
      "unavailable",
    ],
    [
      "a message of random bytes",
      (stream: http2.ServerHttp2Stream) => answer(stream, { messages: [Buffer.from("ffffffffff", "hex")] }),
      "INTERNAL",
      "decode",
    ],
  ] as const)("is told apart: %s", async (_, handler, code, kind) => {
    const peer = await openPeer(handler);
    const error = await failureOf(openTransport(peer.port).call("predict", REQUEST, newContext()));
    expect({ code: error.code, kind: error.kind }).toEqual({ code, kind });
    expect(error.attempts.map((attempt) => attempt.code)).toEqual([code]);
  });
});

describe("cancellation", () => {
  it("rejects with its reason, tells the server, and leaves no listener behind", async () => {
    const cancellation = new Cancellation();
    const reason = new Error("mine");
    const reset = deferred<number>();
    const peer = await openPeer((stream) => {
      stream.on("close", () => reset.resolve(stream.rstCode));
      cancellation.cancel(reason);
    });
    const context = newContext({ cancellation });
    expect(await failureOf(openTransport(peer.port).call("predict", REQUEST, context))).toBe(reason);
    expect(await reset.promise).toBe(http2.constants.NGHTTP2_CANCEL);
    expect(context.ledger.attempts.map(({ code }) => code)).toEqual(["CANCELLED"]);
  });

  it("before the call sends nothing", async () => {
    const peer = await openPeer(() => {});
    const cancellation = new Cancellation();
    cancellation.cancel("early");
    const call = openTransport(peer.port).call("predict", REQUEST, newContext({ cancellation }));
    expect(await failureOf(call)).toBe("early");
    expect(peer.connections()).toBe(0);
  });

  it("takes effect while connecting", async () => {
    const accepted = deferred<void>();
    const port = await openSocketPeer(net.createServer(() => accepted.resolve()));
    const cancellation = new Cancellation();
    const call = openTransport(port).call("predict", REQUEST, newContext({ cancellation }));
    void accepted.promise.then(() => cancellation.cancel("enough"));
    expect(await failureOf(call)).toBe("enough");
  });
});

describe("the deadline of a call", () => {
  it.each([
    [5_000, /^(4\d{3}|50[012]\d)m$/],
    [90_000_000, /^(89\d{6}|900000[012]\d)m$/],
    [200_000_000, /^(199999|20000[01])S$/],
    [Number.POSITIVE_INFINITY, undefined],
  ])("goes out as the time that is left: %d ms", async (remainingMs, expected) => {
    const peer = await openPeer((stream) => answer(stream, { messages: [predictReply()] }));
    await openTransport(peer.port).call(
      "predict",
      REQUEST,
      newContext({ deadlineAt: performance.now() + remainingMs }),
    );
    const sent = peer.received[0]?.headers["grpc-timeout"];
    if (expected === undefined) expect(sent).toBeUndefined();
    else expect(sent).toMatch(expected);
  });
});

describe("connecting", () => {
  it("that is refused says where", async () => {
    const port = await openSocketPeer(net.createServer());
    const closed = net.createServer();
    const free = await new Promise<number>((resolve) => {
      closed.listen(0, "127.0.0.1", () => resolve((closed.address() as net.AddressInfo).port));
    });
    await new Promise((resolve) => closed.close(resolve));
    expect(free).not.toBe(port);
    const error = await failureOf(openTransport(free).call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "unavailable", retryable: true });
    expect(error.rawMessage).toBe(`no connection to grpc://127.0.0.1:${free}: connect ECONNREFUSED 127.0.0.1:${free}`);
  });

  it("to a name that does not resolve says so", async () => {
    const target = {
      wire: "grpc",
      secure: false,
      host: "no-such-host.invalid",
      port: 8500,
      socketPath: undefined,
      pathPrefix: "",
      endpoint: "grpc://no-such-host.invalid:8500",
    } as const;
    const error = await failureOf(openTransport(0, { target }).call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({
      code: "UNAVAILABLE",
      kind: "unavailable",
      rawMessage: "the name in grpc://no-such-host.invalid:8500 does not resolve",
    });
  });

  it("to a peer that accepts and says nothing ends after connectTimeoutMs, and the next call tries anew", async () => {
    const closed: Promise<void>[] = [];
    let isSilent = true;
    const real = http2.createServer();
    real.on("stream", (stream) => answer(stream, { messages: [predictReply()] }));
    const port = await openSocketPeer(
      net.createServer((socket) => {
        closed.push(new Promise((resolve) => socket.on("close", () => resolve())));
        if (isSilent) socket.resume();
        else real.emit("connection", socket);
      }),
    );
    const warn = vi.fn(() => {
      throw new Error("a logger's own trouble");
    });
    const transport = openTransport(port, { connectTimeoutMs: 1_000, logger: { warn } });
    const calls = [1, 2].map(() => failureOf(transport.call("predict", REQUEST, newContext())));
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "timeout", retryable: true });
      expect(error.rawMessage).toBe(
        `connecting to grpc://127.0.0.1:${port} took longer than 1000 ms (connectTimeoutMs): ` +
          "the peer is silent before or after it accepted",
      );
    }
    expect(warn.mock.calls).toEqual([
      [
        "gRPC channel did not get ready, the next call opens another",
        { endpoint: transport.endpoint, connectTimeoutMs: 1_000 },
      ],
    ]);
    // grpc-js alone would keep this socket for ever.
    await closed[0];
    isSilent = false;
    const { outputs } = await transport.call("predict", REQUEST, newContext());
    expect(outputs["y"]?.size).toBe(1);
    expect(closed).toHaveLength(2);
  });

  it("to an HTTP/1.1 server asks whether this is the REST port", async () => {
    const port = await openSocketPeer(http.createServer((_, response) => response.end("{}")));
    const error = await failureOf(openTransport(port).call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ kind: "protocol", retryable: false });
    expect(error.rawMessage).toContain("is this the REST port (gRPC is usually 8500, REST 8501)");
  });
});

describe("close", () => {
  it("ends the connections, and calls made after it are refused at once", async () => {
    const peer = await openPeer((stream) => answer(stream, { messages: [predictReply()] }));
    const transport = openTransport(peer.port);
    await transport.call("predict", REQUEST, newContext());
    const [session] = peer.sessions;
    const ended = new Promise<void>((resolve) => session?.on("close", () => resolve()));
    await transport.close();
    await ended;
    const error = await failureOf(transport.call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ kind: "closed", operation: "predict" });
  });

  it("cuts a connection that never got ready", async () => {
    const closed = deferred<void>();
    const accepted = deferred<void>();
    const port = await openSocketPeer(
      net.createServer((socket) => {
        socket.resume();
        socket.on("close", () => closed.resolve());
        accepted.resolve();
      }),
    );
    const transport = openTransport(port);
    const failure = failureOf(transport.call("predict", REQUEST, newContext()));
    await accepted.promise;
    await transport.close();
    await closed.promise;
    expect(await failure).toMatchObject({ kind: "closed" });
  });
});
