import http2 from "node:http2";
import net from "node:net";
import { credentials } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Channel } from "../../../../src/grpc/channel/channel.ts";
import { newContext } from "../../policies/call-context.ts";
import { answer, failureOf, listen, openPeer, openSocketPeer, openTransport, predictReply, REQUEST } from "../peers.ts";

describe("Channel", () => {
  it("is opened anew when connecting has failed for longer than any attempt may take", async () => {
    const closed = net.createServer();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    const onGivenUp = vi.fn();
    const channel = new Channel({
      target: `dns:127.0.0.1:${port}`,
      credentials: credentials.createInsecure(),
      options: { "grpc.use_local_subchannel_pool": 1 },
      compression: "none",
      connectTimeoutMs: 1_000,
      onGivenUp,
    });
    onTestFinished(() => channel.close());
    const { client } = await channel.use();
    const failed = new Promise((resolve) => {
      const follow = () => {
        const state = client.getChannel().getConnectivityState(false);
        if (state === 3) resolve(undefined);
        else client.getChannel().watchConnectivityState(state, Number.POSITIVE_INFINITY, follow);
      };
      follow();
    });
    await failed;
    const clock = vi.spyOn(performance, "now").mockReturnValue(10_000);
    expect((await channel.use()).client).toBe(client);
    clock.mockReturnValue(15_900);
    expect((await channel.use()).client).toBe(client);
    clock.mockReturnValue(16_100);
    expect(onGivenUp).not.toHaveBeenCalled();
    expect((await channel.use()).client).not.toBe(client);
    expect(onGivenUp).toHaveBeenCalledOnce();
  });
});

describe("keepalive", () => {
  it("notices a connection that went silent, and the next call has a new one", async () => {
    const server = http2.createServer();
    server.on("stream", (stream) => answer(stream, { messages: [predictReply()] }));
    const behind = await openSocketPeer(server as unknown as net.Server);
    const pairs: [net.Socket, net.Socket][] = [];
    const proxy = await openSocketPeer(
      net.createServer((near) => {
        const far = net.connect(behind, "127.0.0.1");
        far.on("error", () => {});
        near.on("close", () => far.destroy());
        near.pipe(far).pipe(near);
        pairs.push([near, far]);
      }),
    );
    const transport = openTransport(proxy, { keepalive: { timeMs: 100, timeoutMs: 1_000 } });
    await transport.call("predict", REQUEST, newContext());
    for (const [near, far] of pairs) {
      near.unpipe();
      far.unpipe();
    }
    const error = await failureOf(transport.call("predict", REQUEST, newContext()));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "unavailable", retryable: true });
    await transport.call("predict", REQUEST, newContext());
    expect(pairs).toHaveLength(2);
  });
});

describe("a closed transport", () => {
  it("keeps nothing that would keep the process alive", async () => {
    const live = () =>
      process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap" || name === "Timeout");
    const peer = await openPeer((stream) => answer(stream, { messages: [predictReply()] }));
    const before = live().length;
    const transport = openTransport(peer.port, { keepalive: { timeMs: 60_000 } });
    await transport.call("predict", REQUEST, newContext({ deadlineAt: performance.now() + 60_000 }));
    const ended = Promise.all(
      [...peer.sessions].map((session) => new Promise((resolve) => session.on("close", resolve))),
    );
    await transport.close();
    await ended;
    // Timers of others may come and go; one of the transport's own would stay for a minute.
    await expect.poll(() => live().length, { timeout: 10_000, interval: 5 }).toBeLessThanOrEqual(before);
  });
});
