import { type ChannelInterface, Client, credentials, Metadata } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { keepCompression, partFromStream, takesLazyMessages } from "../../../../src/grpc/channel/grpc-internals.ts";
import { callChannel } from "../../../../src/grpc/channel/unary-call.ts";
import { PredictMessage } from "../../../../src/grpc/predict.ts";
import type { OutgoingMessage } from "../../../../src/grpc/wire/wire-writer.ts";
import { answer, newContext, openPeer, openTransport, predictReply, REQUEST } from "../peers.ts";

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

describe("partFromStream", () => {
  it("leaves nothing of a call that has ended on its stream, with the grpc-js that is installed", async () => {
    const peer = await openPeer((stream) => answer(stream, { messages: [Buffer.from("ok")] }));
    const client = openClient(peer.port);
    const told: string[] = [];
    const call = await new Promise<object>((resolve) => {
      const outgoing = { path: "/a/b", metadata: new Metadata(), message: Buffer.from("abc") };
      const made: object = callChannel(client, outgoing, {
        onReceiveMetadata: () => told.push("metadata"),
        onReceiveMessage: () => told.push("message"),
        onReceiveStatus: () => {
          told.push("status");
          resolve(made);
        },
      });
    });
    type Inside = {
      child: { underlyingCalls: [{ call: { child: { listener: Record<string, (value: object) => void> } } }] };
    };
    const onStream = (call as Inside).child.underlyingCalls[0].call.child;
    const before = onStream.listener;
    partFromStream(call);
    expect(onStream.listener).not.toBe(before);
    for (const method of Object.keys(before)) onStream.listener[method]?.({ code: 0 });
    expect(told).toEqual(["metadata", "message", "status"]);
  });

  it("leaves a call alone that is built in another way", () => {
    const listener = {};
    const others = [
      undefined,
      {},
      { child: null },
      { child: { underlyingCalls: {} } },
      { child: { underlyingCalls: [{}, { call: {} }, { call: { child: {} } }, { call: { child: { listener } } }] } },
    ];
    const copies = structuredClone(others);
    for (const other of others) expect(() => partFromStream(other)).not.toThrow();
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
