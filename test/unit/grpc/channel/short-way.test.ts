import http2 from "node:http2";
import type net from "node:net";
import {
  type ChannelOptions,
  Client,
  connectivityState,
  credentials,
  status as grpcStatus,
  Metadata,
} from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { FramePool } from "../../../../src/grpc/channel/frame-pool.ts";
import type { ChannelInside, SingleTry, TryListener, TryStatus } from "../../../../src/grpc/channel/grpc-internals.ts";
import { ShortWay } from "../../../../src/grpc/channel/short-way.ts";
import { callClient, type OutgoingCall } from "../../../../src/grpc/channel/unary-call.ts";
import { answer, deferred, type Handler, listen, openPeer } from "../peers.ts";

const RETRY_POLICY = {
  maxAttempts: 3,
  initialBackoff: "0.1s",
  maxBackoff: "1s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE"],
};

/** A client of a peer that is connected. */
async function connected(port: number, options: ChannelOptions = {}): Promise<Client> {
  const client = new Client(`dns:127.0.0.1:${port}`, credentials.createInsecure(), options);
  onTestFinished(() => client.close());
  await new Promise((resolve) => client.waitForReady(Number.POSITIVE_INFINITY, resolve));
  return client;
}

function insideOfClient(client: Client): ChannelInside {
  return (client.getChannel() as unknown as { internalChannel: ChannelInside }).internalChannel;
}

function newOutgoing(message = Buffer.from("abc")): OutgoingCall {
  return { path: "/a/b", metadata: new Metadata(), timeout: undefined, message };
}

/** Makes a call and gives what it is told of, up to its end. */
function callOn(way: ShortWay, outgoing = newOutgoing()): Promise<unknown[]> {
  return new Promise((resolve) => {
    const events: unknown[] = [];
    way.call(outgoing, {
      onReceiveMetadata: () => events.push("metadata"),
      onReceiveMessage: (bytes) => events.push(bytes.toString()),
      onReceiveStatus: ({ code }) => resolve([...events, code]),
    });
  });
}

const OK: Handler = (stream) => answer(stream, { messages: [Buffer.from("ok")] });

describe("ShortWay.of", () => {
  it("finds the short way of the grpc-js that is installed, and sends nothing to find it", async () => {
    const peer = await openPeer(OK);
    const client = new Client(`dns:127.0.0.1:${peer.port}`, credentials.createInsecure());
    onTestFinished(() => client.close());
    const inside = insideOfClient(client);
    const calls = vi.spyOn(inside, "onCallStart");
    expect(await ShortWay.of(client)).toBeInstanceOf(ShortWay);
    expect(calls).not.toHaveBeenCalled();
    await new Promise((resolve) => client.waitForReady(Number.POSITIVE_INFINITY, resolve));
    expect(peer.received).toEqual([]);
  });

  it("finds none where messages are compressed", async () => {
    const client = new Client("dns:127.0.0.1:1", credentials.createInsecure(), {
      "grpc.default_compression_algorithm": 2,
    });
    onTestFinished(() => client.close());
    expect(await ShortWay.of(client)).toBeUndefined();
  });

  it.each<[string, Partial<ChannelInside>]>([
    ["has no such tries", { createLoadBalancingCall: () => ({}) as SingleTry }],
    ["has tries that do not tell of their end", { createLoadBalancingCall: () => deafTry(() => {}) }],
    [
      "has tries that end in another way",
      { createLoadBalancingCall: () => deafTry((listener) => listener.onReceiveStatus(statusOf(grpcStatus.OK))) },
    ],
    [
      "has tries without some method",
      {
        createLoadBalancingCall: () => ({
          ...deafTry((listener) => listener.onReceiveStatus(statusOf(grpcStatus.CANCELLED))),
          halfClose: undefined as unknown as () => void,
        }),
      },
    ],
  ])("finds none in a channel that %s", async (_what, other) => {
    const client = new Client("dns:127.0.0.1:1", credentials.createInsecure());
    onTestFinished(() => client.close());
    Object.assign(insideOfClient(client), other);
    expect(await ShortWay.of(client)).toBeUndefined();
  });
});

function statusOf(code: grpcStatus, progress?: TryStatus["progress"]): TryStatus {
  const status = { code, details: "", metadata: new Metadata() };
  return progress === undefined ? status : { ...status, progress };
}

/** A try that reaches nobody: what happens to it, `onCancel` says. */
function deafTry(onCancel: (listener: TryListener) => void): SingleTry {
  let listener: TryListener | undefined;
  return {
    start(_metadata, given) {
      listener = given;
    },
    startRead() {},
    sendMessageWithContext() {},
    halfClose() {},
    cancelWithStatus: () => onCancel(listener!),
  };
}

describe("ShortWay", () => {
  it("sends what the filters of grpc-js would add, and leaves the metadata alone that it is given", async () => {
    const peer = await openPeer(OK);
    const client = await connected(peer.port);
    const way = (await ShortWay.of(client))!;
    const outgoing = newOutgoing();
    outgoing.metadata.set("x-a", "1");
    await callOn(way, outgoing);
    await callOn(way, { ...outgoing, timeout: "7m" });
    await new Promise((resolve) => {
      callClient(client, outgoing, { onReceiveMetadata() {}, onReceiveMessage() {}, onReceiveStatus: resolve });
    });
    const [first, second, other] = peer.received.map(({ headers }) => ({ ...headers }));
    expect(first).toEqual(other);
    expect(second).toEqual({ ...other, "grpc-timeout": "7m" });
    expect(outgoing.metadata.getMap()).toEqual({ "x-a": "1" });
  });

  it.each<[string, object]>([
    ["retries", { retryPolicy: RETRY_POLICY }],
    ["a time limit", { timeout: { seconds: 7, nanos: 0 } }],
  ])("leaves calls to the client that a service configuration has %s for", async (_what, config) => {
    const peer = await openPeer(OK);
    const service = { methodConfig: [{ name: [{ service: "a", method: "b" }], ...config }], loadBalancingConfig: [] };
    const client = await connected(peer.port, { "grpc.service_config": JSON.stringify(service) });
    const way = (await ShortWay.of(client))!;
    const listener = { onReceiveMetadata() {}, onReceiveMessage() {}, onReceiveStatus() {} };
    expect(way.call(newOutgoing(), listener)).toBeUndefined();
    expect(await callOn(way, { ...newOutgoing(), path: "/a/c" })).toEqual(["metadata", "ok", 0]);
  });

  it("leaves calls to the client while the channel has not looked its name up, and when it is closed", async () => {
    const client = new Client("dns:127.0.0.1:1", credentials.createInsecure());
    const way = (await ShortWay.of(client))!;
    const listener = { onReceiveMetadata() {}, onReceiveMessage() {}, onReceiveStatus() {} };
    client.close();
    expect(way.call(newOutgoing(), listener)).toBeUndefined();
  });

  it("sends what a server refuses once more, and not a third time", async () => {
    let asked = 0;
    const peer = await openPeer((stream) => {
      asked++;
      stream.close(7);
    });
    const way = (await ShortWay.of(await connected(peer.port)))!;
    expect(await callOn(way)).toEqual([grpcStatus.UNAVAILABLE]);
    expect(asked).toBe(2);
    expect(peer.received.map(({ message }) => message.toString())).toEqual(["abc", "abc"]);
  });

  it("begins again where no stream could be opened", async () => {
    const peer = await openPeer(OK);
    const client = await connected(peer.port);
    const way = (await ShortWay.of(client))!;
    const inside = insideOfClient(client);
    const make = inside.createLoadBalancingCall.bind(inside);
    const tries = vi.spyOn(inside, "createLoadBalancingCall");
    tries.mockImplementationOnce((...all) => {
      const real = make(...all);
      return {
        ...deafTry(() => {}),
        start: (_metadata, listener) =>
          queueMicrotask(() => listener.onReceiveStatus(statusOf(grpcStatus.INTERNAL, "NOT_STARTED"))),
        cancelWithStatus: (code, details) => real.cancelWithStatus(code, details),
      };
    });
    expect(await callOn(way)).toEqual(["metadata", "ok", 0]);
    expect(tries).toHaveBeenCalledTimes(2);
    expect(peer.received).toHaveLength(1);
  });

  it("does not repeat a call whose answer had begun", async () => {
    const peer = await openPeer(OK);
    const client = await connected(peer.port);
    const way = (await ShortWay.of(client))!;
    const tries = vi.spyOn(insideOfClient(client), "createLoadBalancingCall").mockReturnValue({
      ...deafTry(() => {}),
      start: (_metadata, listener) =>
        queueMicrotask(() => {
          listener.onReceiveMetadata(new Metadata());
          listener.onReceiveStatus(statusOf(grpcStatus.UNAVAILABLE, "REFUSED"));
        }),
    });
    expect(await callOn(way)).toEqual(["metadata", grpcStatus.UNAVAILABLE]);
    expect(tries).toHaveBeenCalledOnce();
  });

  it("lets the channel count each call once, from its beginning to its end", async () => {
    let asked = 0;
    const peer = await openPeer((stream) => {
      asked++;
      if (asked === 1) stream.close(7);
      else answer(stream, { messages: [Buffer.from("ok")] });
    });
    const client = await connected(peer.port);
    const way = (await ShortWay.of(client))!;
    const inside = insideOfClient(client);
    const began = vi.spyOn(inside, "onCallStart");
    const ended = vi.spyOn(inside, "onCallEnd");
    await callOn(way);
    const call = way.call(newOutgoing(), { onReceiveMetadata() {}, onReceiveMessage() {}, onReceiveStatus() {} });
    call!.cancelWithStatus(grpcStatus.CANCELLED, "enough");
    expect(began).toHaveBeenCalledTimes(2);
    expect(ended.mock.calls.map(([{ code }]) => code)).toEqual([grpcStatus.OK, grpcStatus.CANCELLED]);
  });

  it("adds the credentials of a channel, also where a connection was lost while they were asked for", async () => {
    const peer = await openPeer(OK);
    const client = await connected(peer.port);
    const way = (await ShortWay.of(client))!;
    const inside = insideOfClient(client) as ChannelInside & { doPick(...all: unknown[]): { subchannel: object } };
    const pick = inside.doPick.bind(inside);
    // Lost at the first look, and there again at the next.
    const states = [connectivityState.IDLE];
    vi.spyOn(inside, "doPick").mockImplementation((...all) => {
      const result = pick(...all);
      const subchannel = Object.create(result.subchannel, {
        getCallCredentials: {
          value: () =>
            credentials.createFromMetadataGenerator((_options, done) => {
              const metadata = new Metadata();
              metadata.set("authorization", "Bearer t");
              done(null, metadata);
            }),
        },
        getConnectivityState: { value: () => states.shift() ?? connectivityState.READY },
      }) as object;
      return { ...result, subchannel };
    });
    expect(await callOn(way)).toEqual(["metadata", "ok", 0]);
    expect(states).toEqual([]);
    expect(peer.received.map(({ headers }) => headers["authorization"])).toEqual(["Bearer t"]);
  });

  it("tells nothing more of a message that is still being decompressed when its call is cancelled", async () => {
    const peer = await openPeer((stream) => answer(stream, { messages: [Buffer.from("ok")], gzip: true }));
    const client = await connected(peer.port);
    const way = (await ShortWay.of(client))!;
    const events: unknown[] = [];
    const inside = insideOfClient(client);
    const filters = inside.filterStackFactory.clone().createFilter();
    const receive = deferred<void>();
    const decompressed = deferred<Buffer>();
    vi.spyOn(inside.filterStackFactory, "clone").mockReturnValue({
      createFilter: () => ({
        ...filters,
        receiveMetadata: (metadata) => metadata,
        receiveMessage: () => {
          receive.resolve();
          return decompressed.promise;
        },
      }),
    });
    const call = way.call(newOutgoing(), {
      onReceiveMetadata: () => events.push("metadata"),
      onReceiveMessage: () => events.push("message"),
      onReceiveStatus: ({ code }) => events.push(code),
    });
    await receive.promise;
    call!.cancelWithStatus(grpcStatus.CANCELLED, "enough");
    decompressed.resolve(Buffer.from("ok"));
    await decompressed.promise;
    expect(events).toEqual(["metadata", grpcStatus.CANCELLED]);
  });

  it("leaves nothing of a call that has ended well on its stream", async () => {
    const peer = await openPeer(OK);
    const client = await connected(peer.port);
    const way = (await ShortWay.of(client))!;
    const tries = vi.spyOn(insideOfClient(client), "createLoadBalancingCall");
    const events = await callOn(way);
    const { child } = tries.mock.results[0]!.value as unknown as {
      child: { listener: Record<string, (value: object) => void>; decoder: { write(bytes: Buffer): unknown[] } };
    };
    for (const method of ["onReceiveMetadata", "onReceiveMessage", "onReceiveStatus"]) child.listener[method]!({});
    expect(events).toEqual(["metadata", "ok", 0]);
    expect(child.decoder.write(Buffer.alloc(5))).toEqual([]);
    expect(Object.values(child.decoder).filter((member) => typeof member === "object")).toEqual([]);
  });

  describe("with large messages", () => {
    const LENGTH = 20_000;

    /** A message of one byte again and again, and the memory of the frames that it was written to. */
    function newLarge(byte: number) {
      const memory: ArrayBufferLike[] = [];
      const message = {
        length: LENGTH,
        copy(target: Buffer, offset: number) {
          memory.push(target.buffer);
          target.fill(byte, offset);
          return LENGTH;
        },
      };
      return { memory, outgoing: { ...newOutgoing(), message } };
    }

    it("writes the next one into memory that was sent", async () => {
      const peer = await openPeer(OK);
      const way = (await ShortWay.of(await connected(peer.port)))!;
      const { memory, outgoing } = newLarge(1);
      // A collection may come in between, and a reply before Node has heard that all is written.
      await vi.waitFor(
        async () => {
          expect(await callOn(way, outgoing)).toEqual(["metadata", "ok", 0]);
          expect(memory.at(-1) === memory.at(-2)).toBe(true);
        },
        { timeout: 30_000, interval: 1 },
      );
    });

    it("has memory for each of those that are under way at the same time, and sends each as it is", async () => {
      const peer = await openPeer(OK);
      const way = (await ShortWay.of(await connected(peer.port)))!;
      const messages = Array.from({ length: 8 }, (_, index) => newLarge(index + 1));
      for (let round = 0; round < 3; round++) {
        await Promise.all(messages.map(({ outgoing }) => callOn(way, outgoing)));
        expect(new Set(messages.map(({ memory }) => memory[round])).size).toBe(8);
      }
      const sent = peer.received.map(({ message }) => message);
      expect(sent.every((message) => message.equals(Buffer.alloc(LENGTH, message[0])))).toBe(true);
      expect(sent.map((message) => message[0]).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].flatMap((n) => [n, n, n]));
    });

    it("leaves memory alone that a server answered without reading it", async () => {
      const giveBack = vi.spyOn(FramePool.prototype, "giveBack");
      // The window that HTTP/2 begins with is smaller than the message.
      const peer = await openEarlyPeer((stream) => answer(stream, { messages: [Buffer.from("ok")] }));
      const way = (await ShortWay.of(await connected(peer)))!;
      const message = Buffer.alloc(1 << 20);
      expect(await callOn(way, newOutgoing(message))).toEqual(["metadata", "ok", 0]);
      expect(giveBack).not.toHaveBeenCalled();
    });

    it("leaves memory alone that was sent to a server which refused it", async () => {
      const giveBack = vi.spyOn(FramePool.prototype, "giveBack");
      let asked = 0;
      const peer = await openPeer((stream) => {
        asked++;
        if (asked === 1) stream.close(7);
        else answer(stream, { messages: [Buffer.from("ok")] });
      });
      const way = (await ShortWay.of(await connected(peer.port)))!;
      const { memory, outgoing } = newLarge(1);
      expect(await callOn(way, outgoing)).toEqual(["metadata", "ok", 0]);
      expect(peer.received.map(({ message }) => message.equals(Buffer.alloc(LENGTH, 1)))).toEqual([true, true]);
      expect(memory).toHaveLength(1);
      expect(giveBack).not.toHaveBeenCalled();
    });

    it("leaves memory alone of a call that is cancelled while it is sent", async () => {
      const giveBack = vi.spyOn(FramePool.prototype, "giveBack");
      const begun = deferred<void>();
      const peer = await openEarlyPeer(() => begun.resolve());
      const way = (await ShortWay.of(await connected(peer)))!;
      const end = deferred<number>();
      const call = way.call(newOutgoing(Buffer.alloc(1 << 20)), {
        onReceiveMetadata() {},
        onReceiveMessage() {},
        onReceiveStatus: ({ code }) => end.resolve(code),
      });
      await begun.promise;
      call!.cancelWithStatus(grpcStatus.CANCELLED, "enough");
      expect(await end.promise).toBe(grpcStatus.CANCELLED);
      expect(giveBack).not.toHaveBeenCalled();
    });
  });
});

/** A server that hands over streams as they begin, and reads nothing of them. */
async function openEarlyPeer(handler: (stream: http2.ServerHttp2Stream) => void): Promise<number> {
  const server = http2.createServer();
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream: http2.ServerHttp2Stream) => {
    stream.on("error", () => {});
    handler(stream);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  );
  return listen(server as unknown as net.Server);
}
