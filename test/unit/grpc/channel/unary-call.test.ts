import http2 from "node:http2";
import {
  type ChannelInterface,
  Client,
  credentials,
  status as grpcStatus,
  InterceptingCall,
  type Interceptor,
  Metadata,
} from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { callChannel, callClient, takesOwnListeners, type UnaryCall } from "../../../../src/grpc/channel/unary-call.ts";
import { answer, type Handler, newContext, openPeer, openTransport, predictReply, REQUEST, refuse } from "../peers.ts";

function openClient(port: number): Client {
  const client = new Client(`dns:127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.service_config_disable_resolution": 1,
  });
  onTestFinished(() => client.close());
  return client;
}

/** A client on a channel whose calls are `call`. */
function clientOf(call: object): Client {
  const channel = { createCall: () => call } as unknown as ChannelInterface;
  return new Client("dns:127.0.0.1:1", credentials.createInsecure(), { channelOverride: channel });
}

/** Makes a call that asks for a second message, and writes down what it is told. */
function told(makeCall: typeof callChannel, port: number, then?: (call: UnaryCall) => void): Promise<unknown[]> {
  const metadata = new Metadata();
  metadata.set("x-asked", "1");
  return new Promise((resolve) => {
    const events: unknown[] = [];
    const message = Buffer.from("abc");
    const call = makeCall(
      openClient(port),
      { path: "/a/b", metadata, message },
      {
        onReceiveMetadata: (received) => events.push(["metadata", received.get("x-head")]),
        onReceiveMessage: (bytes) => {
          events.push(["message", bytes.toString()]);
          if (events.length > 2) call.cancelWithStatus(grpcStatus.UNIMPLEMENTED, "Too many responses received");
          else call.startRead();
        },
        onReceiveStatus: ({ code, details, metadata: received }) => {
          events.push(["status", code, details, received.get("x-tail")]);
          resolve(events);
        },
      },
    );
    then?.(call);
  });
}

describe.each([
  ["callChannel", callChannel],
  ["callClient", callClient],
])("%s", (_name, makeCall) => {
  const OK = { headers: { "x-head": "h" }, trailers: { "x-tail": "t" } };
  const ok = ["status", 0, "", ["t"]];

  it.each<[string, Handler, unknown[]]>([
    [
      "one message",
      (stream) => answer(stream, { ...OK, messages: [Buffer.from("ok")] }),
      [["metadata", ["h"]], ["message", "ok"], ok],
    ],
    ["no message", (stream) => answer(stream, OK), [["metadata", ["h"]], ok]],
    [
      "two messages",
      (stream) => answer(stream, { ...OK, messages: [Buffer.from("one"), Buffer.from("two")] }),
      [
        ["metadata", ["h"]],
        ["message", "one"],
        ["message", "two"],
        ["status", grpcStatus.UNIMPLEMENTED, "Too many responses received", []],
      ],
    ],
    ["a status alone", (stream) => refuse(stream, 5, "no such model"), [["status", 5, "no such model", []]]],
    [
      "a stream that is cut",
      (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
      [["status", grpcStatus.INTERNAL, expect.stringContaining("RST_STREAM with code 2"), []]],
    ],
  ])("tells of %s", async (_what, handler, events) => {
    const peer = await openPeer(handler);
    expect(await told(makeCall, peer.port)).toEqual(events);
    expect(peer.received.map(({ headers, message }) => [headers["x-asked"], message.toString()])).toEqual([
      ["1", "abc"],
    ]);
  });

  it("sends once more what the server refused before it looked at it", async () => {
    let asked = 0;
    const peer = await openPeer((stream) => {
      asked++;
      if (asked === 1) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      else answer(stream, { messages: [Buffer.from("ok")] });
    });
    expect(await told(makeCall, peer.port)).toEqual([
      ["metadata", []],
      ["message", "ok"],
      ["status", 0, "", []],
    ]);
    expect(asked).toBe(2);
  });

  it("can be cancelled, which is told too", async () => {
    const peer = await openPeer(() => {});
    const events = await told(makeCall, peer.port, (call) => call.cancelWithStatus(grpcStatus.CANCELLED, "enough"));
    expect(events).toEqual([["status", grpcStatus.CANCELLED, "enough", []]]);
    expect(peer.received).toEqual([]);
  });
});

describe("takesOwnListeners", () => {
  it("is true of the grpc-js that is installed", async () => {
    const peer = await openPeer(() => {});
    expect(await takesOwnListeners(openClient(peer.port))).toBe(true);
    expect(peer.received).toEqual([]);
  });

  it("is false where calls are made in another way", async () => {
    const start = vi.fn();
    const other = { start, startRead() {}, sendMessageWithContext() {}, halfClose() {}, cancelWithStatus() {} };
    expect(await takesOwnListeners(clientOf({}))).toBe(false);
    expect(await takesOwnListeners(clientOf(other))).toBe(false);
    expect(start).toHaveBeenCalledOnce();
    const told = (_metadata: unknown, listener: { onReceiveStatus(status: object): void }) =>
      listener.onReceiveStatus({ code: grpcStatus.CANCELLED });
    expect(await takesOwnListeners(clientOf({ ...other, start: told }))).toBe(true);
    expect(await takesOwnListeners(clientOf({ ...other, start: told, halfClose: undefined }))).toBe(false);
  });
});

describe("a channel with interceptors", () => {
  it("has its calls made by the client of grpc-js, which asks them", async () => {
    const seen: string[] = [];
    const interceptor: Interceptor = (options, nextCall) => {
      seen.push(options.method_definition.path);
      return new InterceptingCall(nextCall(options));
    };
    const peer = await openPeer((stream) =>
      answer(stream, { messages: [predictReply([2])], trailers: { "x-tail": "t" } }),
    );
    const transport = openTransport(peer.port, { channelOptions: { interceptors: [interceptor] } });
    const context = newContext({ deadlineAt: performance.now() + 60_000, headers: { "x-id": "7" } });
    const { outputs } = await transport.call("predict", REQUEST, context);
    expect(outputs["y"]?.data).toEqual(Float32Array.of(2));
    expect(seen).toEqual(["/tensorflow.serving.PredictionService/Predict"]);
    expect(context.ledger.responseTrailers).toEqual({ "x-tail": "t" });
    expect(peer.received[0]?.headers).toMatchObject({ "x-id": "7", "grpc-timeout": expect.stringMatching(/^\d+m$/) });
  });
});
