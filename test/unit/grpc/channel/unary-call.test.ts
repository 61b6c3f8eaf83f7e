import http2 from "node:http2";
import { Client, credentials, status as grpcStatus, InterceptingCall, type Interceptor, Metadata } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { ShortWay } from "../../../../src/grpc/channel/short-way.ts";
import {
  callClient,
  type OutgoingCall,
  type UnaryCall,
  type UnaryListener,
} from "../../../../src/grpc/channel/unary-call.ts";
import { newContext } from "../../policies/call-context.ts";
import { answer, frame, type Handler, openPeer, openTransport, predictReply, REQUEST, refuse } from "../peers.ts";

type MakeCall = (outgoing: OutgoingCall, listener: UnaryListener) => UnaryCall;

/** A client that is connected. */
async function openClient(port: number): Promise<Client> {
  const client = new Client(`dns:127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.service_config_disable_resolution": 1,
  });
  onTestFinished(() => client.close());
  await new Promise((resolve) => client.waitForReady(Number.POSITIVE_INFINITY, resolve));
  return client;
}

const WAYS: Record<string, (client: Client) => Promise<MakeCall>> = {
  callClient: async (client) => (outgoing, listener) => callClient(client, outgoing, listener),
  ShortWay: async (client) => {
    const way = await ShortWay.of(client);
    return (outgoing, listener) => way!.call(outgoing, listener)!;
  },
};

/** Makes a call that asks for a second message, and writes down what it is told. */
async function told(way: string, port: number, then?: (call: UnaryCall) => void): Promise<unknown[]> {
  const makeCall = await WAYS[way]!(await openClient(port));
  const metadata = new Metadata();
  metadata.set("x-asked", "1");
  const message = Buffer.from("abc");
  return new Promise((resolve) => {
    const events: unknown[] = [];
    const call = makeCall(
      { path: "/a/b", metadata, timeout: "250m", message },
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

describe.each(Object.keys(WAYS))("%s", (way) => {
  const LONE = Buffer.from("ok");
  const OK = { headers: { "x-head": "h" }, trailers: { "x-tail": "t" } };
  const ok = ["status", 0, "", ["t"]];

  it.each<[string, Handler, unknown[]]>([
    [
      "one message",
      (stream) => answer(stream, { ...OK, messages: [LONE] }),
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
      "messages that are compressed",
      (stream) => answer(stream, { ...OK, messages: [Buffer.from("one"), Buffer.from("two")], gzip: true }),
      [
        ["metadata", ["h"]],
        ["message", "one"],
        ["message", "two"],
        ["status", grpcStatus.UNIMPLEMENTED, "Too many responses received", []],
      ],
    ],
    [
      "one message that is compressed",
      (stream) => answer(stream, { ...OK, messages: [Buffer.from("one")], gzip: true }),
      [["metadata", ["h"]], ["message", "one"], ok],
    ],
    [
      "one that only says so",
      (stream) => answer(stream, { ...OK, headers: { ...OK.headers, "grpc-encoding": "gzip" }, messages: [LONE] }),
      [["metadata", ["h"]], ["message", "ok"], ok],
    ],
    [
      "one that cannot be decompressed",
      (stream) => {
        stream.respond({ "content-type": "application/grpc", "grpc-encoding": "gzip" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(frame(Buffer.from("not gzip at all"), true));
      },
      [
        ["metadata", []],
        ["status", grpcStatus.INTERNAL, "Failed to decompress gzip-encoded message", []],
      ],
    ],
    [
      "a stream that is cut",
      (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
      [["status", grpcStatus.INTERNAL, expect.stringContaining("RST_STREAM with code 2"), []]],
    ],
  ])("tells of %s", async (_what, handler, events) => {
    const peer = await openPeer(handler);
    expect(await told(way, peer.port)).toEqual(events);
    expect(
      peer.received.map(({ headers, message }) => [headers["x-asked"], headers["grpc-timeout"], message.toString()]),
    ).toEqual([["1", "250m", "abc"]]);
  });

  it("sends once more what the server refused before it looked at it", async () => {
    let asked = 0;
    const peer = await openPeer((stream) => {
      asked++;
      if (asked === 1) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      else answer(stream, { messages: [LONE] });
    });
    expect(await told(way, peer.port)).toEqual([
      ["metadata", []],
      ["message", "ok"],
      ["status", 0, "", []],
    ]);
    expect(asked).toBe(2);
  });

  it("can be cancelled, which is told too", async () => {
    const peer = await openPeer(() => {});
    const events = await told(way, peer.port, (call) => call.cancelWithStatus(grpcStatus.CANCELLED, "enough"));
    expect(events).toEqual([["status", grpcStatus.CANCELLED, "enough", []]]);
    expect(peer.received).toEqual([]);
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
