import { type ChannelInterface, Client, credentials, Metadata } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  hasGoneOut,
  insideOf,
  keepCompression,
  partFromStream,
  type SingleTry,
  takesLazyMessages,
} from "../../../../src/grpc/channel/grpc-internals.ts";
import { PredictMessage } from "../../../../src/grpc/predict.ts";
import type { OutgoingMessage } from "../../../../src/grpc/wire/wire-writer.ts";
import { newContext } from "../../policies/call-context.ts";
import { answer, openPeer, openTransport, predictReply, REQUEST } from "../peers.ts";

function openClient(port: number, options = {}): Client {
  const client = new Client(`dns:127.0.0.1:${port}`, credentials.createInsecure(), options);
  onTestFinished(() => client.close());
  return client;
}

describe("takesLazyMessages", () => {
  it("is true of the grpc-js that is installed, which then asks a message for its length and one copy alone", async () => {
    const peer = await openPeer((stream) => answer(stream, { messages: [Buffer.from("ok")] }));
    const client = openClient(peer.port);
    expect(await takesLazyMessages(client.getChannel())).toBe(true);

    const copies: { frameBytes: number; offset: number }[] = [];
    const asked = new Set<PropertyKey>();
    const message: OutgoingMessage = new Proxy(
      {
        length: 3,
        copy(target: Buffer, offset: number) {
          copies.push({ frameBytes: target.length, offset });
          return target.write("abc", offset);
        },
      },
      {
        get(target, key) {
          asked.add(key);
          return Reflect.get(target, key);
        },
      },
    );
    const reply = await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        "/a/b",
        (value: OutgoingMessage) => value as Buffer,
        (bytes) => bytes.toString(),
        message,
        new Metadata(),
        {},
        (error, value) => (error === null ? resolve(value) : reject(error)),
      );
    });
    expect(reply).toBe("ok");
    expect(peer.received[0]?.message.toString()).toBe("abc");
    expect(copies).toEqual([{ frameBytes: 8, offset: 5 }]);
    // A promise that is given an object asks it for `then`.
    expect([...asked].filter((key) => key !== "then").sort()).toEqual(["copy", "length"]);
  });

  it("is false where the channel compresses, or is built in another way", async () => {
    expect(await takesLazyMessages(openClient(1, { "grpc.default_compression_algorithm": 2 }).getChannel())).toBe(
      false,
    );
    expect(await takesLazyMessages({} as ChannelInterface)).toBe(false);
    const odd = { internalChannel: { filterStackFactory: { factories: [], clone: () => ({}) } } };
    expect(await takesLazyMessages(odd as unknown as ChannelInterface)).toBe(false);
  });
});

describe("keepCompression", () => {
  it("leaves a channel alone that is built in another way", () => {
    expect(() => keepCompression({} as ChannelInterface)).not.toThrow();
  });
});

describe("insideOf", () => {
  it("is the inside of a channel of the grpc-js that is installed", () => {
    const channel = openClient(1).getChannel();
    const inside = insideOf(channel);
    expect(inside).toBe((channel as unknown as { internalChannel: object }).internalChannel);
    expect(inside?.defaultAuthority).toBe("127.0.0.1:1");
  });

  it.each<[string, object]>([
    ["without methods that it is known by", { onCallEnd: undefined }],
    ["without a name for the server", { defaultAuthority: undefined }],
    ["with more filters", { filterStackFactory: { factories: [{}, {}], clone() {} } }],
    ["with none", { filterStackFactory: { factories: [], clone() {} } }],
    ["with filters of another kind", { filterStackFactory: {} }],
  ])("is nothing for one %s", (_what, other) => {
    const channel = openClient(1).getChannel() as unknown as { internalChannel: object };
    const { internalChannel } = channel;
    const odd = Object.create(internalChannel, Object.getOwnPropertyDescriptors(other)) as object;
    expect(insideOf({ internalChannel: odd } as unknown as ChannelInterface)).toBeUndefined();
    expect(insideOf({ internalChannel } as unknown as ChannelInterface)).toBe(internalChannel);
    expect(insideOf({} as ChannelInterface)).toBeUndefined();
  });
});

describe("hasGoneOut", () => {
  it("is false of a try that is built in another way", () => {
    const others = [{}, { child: null }, { child: {} }, { child: { http2Stream: {} } }];
    expect(others.map((other) => hasGoneOut(other as unknown as SingleTry))).toEqual([false, false, false, false]);
  });
});

describe("partFromStream", () => {
  it("leaves a try alone that is built in another way", () => {
    const listener = {};
    const others = [
      {},
      { child: null },
      { child: {} },
      { child: { listener, decoder: {} } },
      { child: { http2Stream: {} } },
    ];
    const copies = structuredClone(others);
    for (const other of others) expect(() => partFromStream(other as unknown as SingleTry)).not.toThrow();
    expect(others).toEqual(copies);
  });
});

describe("a predict request", () => {
  it("is copied once, straight into the frame", async () => {
    const copy = vi.spyOn(PredictMessage.prototype, "copy");
    const peer = await openPeer((stream) => answer(stream, { messages: [predictReply()] }));
    const transport = openTransport(peer.port);
    for (let call = 0; call < 2; call++) await transport.call("predict", REQUEST, newContext());
    expect(copy.mock.calls.map(([target, offset]) => [target.length, offset])).toEqual(
      peer.received.map(({ message }) => [message.length + 5, 5]),
    );
  });

  it("is copied to bytes of its own where it is compressed", async () => {
    const copy = vi.spyOn(PredictMessage.prototype, "copy");
    const peer = await openPeer((stream) => answer(stream, { messages: [predictReply()] }));
    await openTransport(peer.port).call("predict", REQUEST, newContext({ compression: "gzip" }));
    expect(copy.mock.calls.map(([, offset]) => offset)).toEqual([0]);
  });
});
