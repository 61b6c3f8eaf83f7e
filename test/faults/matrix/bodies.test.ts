import { gzipSync } from "node:zlib";
import { describe, expect } from "vitest";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { responseHead } from "../lab/http1-server.ts";
import { settingsBytes } from "../lab/http2-frames.ts";
import { PHASE_TIMEOUT_MS, SHORT_TIMEOUT_MS } from "../lab/laboratory.ts";
import { grpcMessage, grpcOutputs, grpcReply, restReply } from "../lab/replies.ts";
import { row } from "../lab/row.ts";

/** Writes one byte after the other until the other end has gone. */
function drip(write: (byte: Buffer) => void, isOver: () => boolean, bytes: Buffer): void {
  let next = 0;
  const timer = setInterval(() => {
    if (isOver()) clearInterval(timer);
    else write(bytes.subarray(next, ++next));
  }, 25);
}

describe("bodies", () => {
  row(9, "both", "a reply cut in the middle is unavailable", async (lab) => {
    const server = await lab.server({
      grpc: {
        onRequest: (stream) => {
          const whole = grpcMessage(grpcReply(stream.call));
          stream.head().data(whole.subarray(0, 8));
          stream.connection.socket.end();
        },
      },
      rest: {
        onRequest: (exchange) => {
          exchange.write(responseHead(200, { "content-length": "17" }));
          exchange.write('{"outputs"');
          exchange.end();
        },
      },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "unavailable", code: "UNAVAILABLE", retryable: true });
  });

  row(9, "rest", "a chunked reply without its last chunk is unavailable", async (lab) => {
    const server = await lab.http1({
      onRequest: (exchange) => {
        exchange.write(responseHead(200, { "transfer-encoding": "chunked" }));
        exchange.write('a\r\n{"outputs"\r\n');
        exchange.end();
      },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "unavailable", retryable: true });
  });

  row(9, "rest", "a reset in the middle of a reply is unavailable", async (lab) => {
    const server = await lab.http1({
      onRequest: (exchange) => {
        exchange.write(responseHead(200, { "content-length": "17" }));
        exchange.socket.write("{", () => exchange.reset());
      },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "unavailable", retryable: true });
  });

  row(10, "rest", "a reply that only the closed connection ended is truncated, not an answer", async (lab) => {
    const server = await lab.http1({
      onRequest: (exchange) => {
        exchange.write(responseHead(200, { connection: "close" }));
        exchange.write('{"outputs": [1');
        exchange.end();
      },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "truncated", retryable: true });
  });

  row(10, "rest", "a whole reply that the closed connection ended is an answer", async (lab) => {
    const server = await lab.http1({
      onRequest: (exchange) => {
        exchange.write(responseHead(200, { connection: "close" }));
        exchange.write(restReply(exchange.call));
        exchange.end();
      },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toBeUndefined();
    expect(outcome.attempts).toHaveLength(1);
  });

  row(11, "both", "a dripping body ends at the deadline", async (lab) => {
    const server = await lab.server({
      grpc: {
        onRequest: (stream) => {
          const whole = grpcMessage(Buffer.alloc(3_000));
          stream.head();
          drip(
            (byte) => stream.data(byte),
            () => stream.cancelled || stream.connection.socket.destroyed,
            whole,
          );
        },
      },
      rest: {
        onRequest: (exchange) => {
          const whole = Buffer.from(`{"outputs": [${"1, ".repeat(1000)}1]}`);
          exchange.write(responseHead(200, { "content-length": String(whole.length) }));
          drip(
            (byte) => exchange.write(byte),
            () => exchange.socket.destroyed,
            whole,
          );
        },
      },
    });
    const outcome = await lab.ask(lab.client(server.address), { timeoutMs: PHASE_TIMEOUT_MS });
    expect(outcome.error).toMatchObject({ kind: "timeout", code: "DEADLINE_EXCEEDED" });
    expect(outcome.error?.message).toMatch(/reading the (body|reply)/);
    expect(outcome.durationMs).toBeGreaterThan(PHASE_TIMEOUT_MS - 5);
  });

  row(12, "rest", "dripping headers end at the deadline", async (lab) => {
    const server = await lab.http1({
      onRequest: (exchange) =>
        drip(
          (byte) => exchange.write(byte),
          () => exchange.socket.destroyed,
          Buffer.from(responseHead(200, { "x-long": "a".repeat(10_000) })),
        ),
    });
    const outcome = await lab.ask(lab.client(server.address), { timeoutMs: SHORT_TIMEOUT_MS });
    expect(outcome.error).toMatchObject({ kind: "timeout", code: "DEADLINE_EXCEEDED" });
    expect(outcome.durationMs).toBeGreaterThan(SHORT_TIMEOUT_MS - 5);
  });

  row(13, "both", "a request of 20 MiB that nobody reads ends at the deadline", async (lab) => {
    const server = await lab.server({
      grpc: {
        // The 64 KiB that every connection begins with, and never more.
        greet: (connection) => connection.write(settingsBytes([])),
        onHead: (stream) => stream.connection.socket.pause(),
      },
      rest: { onHead: (exchange) => exchange.socket.pause() },
    });
    const outcome = await lab.ask(lab.client(server.address), {
      timeoutMs: SHORT_TIMEOUT_MS,
      padding: 5 << 20,
    });
    expect(outcome.error).toMatchObject({ kind: "timeout" });
  });

  row(14, "both", "a black-holed connection times out, and the next call is answered when it is gone", async (lab) => {
    const { address } = await lab.testServer();
    const proxy = await lab.proxy(address);
    const client = lab.client(proxy.address);
    expect((await lab.ask(client, { model: "echo" })).error).toBeUndefined();
    const hole = proxy.add({ toxic: "blackHole" });
    const lost = await lab.ask(client, { model: "echo", timeoutMs: 200 });
    expect(lost.error).toMatchObject({ kind: "timeout", code: "DEADLINE_EXCEEDED" });
    hole.remove();
    proxy.cut();
    const found = await lab.askUntilAnswered(client, { model: "echo" });
    expect(found.error).toBeUndefined();
  });

  row(36, "both", "an HTML page with status 200 is the protocol of somebody else", async (lab) => {
    const page = "<html><body>Welcome to the portal</body></html>";
    const server = await lab.server({
      grpc: {
        onRequest: (stream) =>
          stream.headers({ ":status": "200", "content-type": "text/html" }).data(Buffer.from(page), { end: true }),
      },
      rest: { onRequest: (exchange) => exchange.reply(200, page, { "content-type": "text/html" }) },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "protocol", retryable: false });
    expect(outcome.attempts).toHaveLength(1);
  });

  for (const status of [502, 503]) {
    row(
      36,
      "both",
      `an HTML page with status ${status} is unavailable, and at most 200 characters of it show`,
      async (lab) => {
        const page = `<html>${"bad gateway ".repeat(100)}</html>`;
        const server = await lab.server({
          grpc: {
            onRequest: (stream) =>
              stream
                .headers({ ":status": String(status), "content-type": "text/html" })
                .data(Buffer.from(page), { end: true }),
          },
          rest: { onRequest: (exchange) => exchange.reply(status, page, { "content-type": "text/html" }) },
        });
        const outcome = await lab.ask(lab.client(server.address));
        expect(outcome.error).toMatchObject({ kind: "unavailable", code: "UNAVAILABLE", retryable: true });
        expect(outcome.error?.message.match(/bad gateway/g)?.length ?? 0).toBeLessThan(18);
      },
    );
  }

  for (const encoding of ["br", "zstd", "x-something"]) {
    row(37, "both", `the encoding ${encoding} is no answer`, async (lab) => {
      const server = await lab.server({
        grpc: {
          onRequest: (stream) =>
            stream
              .head({ "grpc-encoding": encoding })
              .data(grpcMessage(grpcReply(stream.call), true))
              .trailers({ "grpc-status": "0" }),
        },
        rest: {
          onRequest: (exchange) => exchange.reply(200, restReply(exchange.call), { "content-encoding": encoding }),
        },
      });
      const outcome = await lab.ask(lab.client(server.address));
      expect(outcome.error).toMatchObject({ kind: "decode", retryable: false });
      expect(outcome.attempts).toHaveLength(1);
    });
  }

  const good = (call: number) => gzipSync(grpcReply(call));
  const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    corrupt: (bytes) => {
      const copy = Buffer.from(bytes);
      copy.fill(0xff, 12, 20);
      return copy;
    },
    truncated: (bytes) => bytes.subarray(0, bytes.length - 9),
    "no gzip at all": () => Buffer.from("this was never compressed"),
    empty: () => Buffer.alloc(0),
  };
  for (const [name, damage] of Object.entries(damages)) {
    row(38, "both", `gzip that is ${name} is a decode error and the process lives`, async (lab) => {
      const server = await lab.server({
        grpc: {
          onRequest: (stream) =>
            stream
              .head({ "grpc-encoding": "gzip" })
              .data(grpcMessage(damage(good(stream.call)), true))
              .trailers({ "grpc-status": "0" }),
        },
        rest: {
          onRequest: (exchange) =>
            exchange.reply(200, damage(gzipSync(restReply(exchange.call))), { "content-encoding": "gzip" }),
        },
      });
      const client = lab.client(server.address);
      const outcome = await lab.ask(client);
      expect(outcome.error).toMatchObject({ kind: "decode", retryable: false });
      expect(outcome.attempts).toHaveLength(1);
    });
  }

  row(39, "both", "a gzip bomb of 1 GiB is too large, and memory does not rise with it", async (lab) => {
    // Members that stand one after the other are one stream.
    const bomb = Buffer.concat(new Array(64).fill(gzipSync(Buffer.alloc(16 << 20))));
    const server = await lab.server({
      grpc: {
        onRequest: (stream) =>
          stream.head({ "grpc-encoding": "gzip" }).data(grpcMessage(bomb, true)).trailers({ "grpc-status": "0" }),
      },
      rest: { onRequest: (exchange) => exchange.reply(200, bomb, { "content-encoding": "gzip" }) },
    });
    const limit = 4 << 20;
    const before = process.memoryUsage().rss;
    const outcome = await lab.ask(lab.client(server.address, { maxMessageBytes: limit }));
    expect(outcome.error).toMatchObject({ kind: "too_large", code: "RESOURCE_EXHAUSTED", retryable: false });
    expect(outcome.attempts).toHaveLength(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(limit + (256 << 20));
  });

  row(40, "both", "5 MiB are answered, 65 MiB are too large, and both sizes are named", async (lab) => {
    const elements = (5 << 20) / 4;
    const data = Buffer.alloc(5 << 20);
    const server = await lab.server({
      grpc: {
        onRequest: (stream) => {
          data.writeFloatLE(stream.call, 0);
          const tensor = {
            dtype: DataType.DT_FLOAT,
            tensorShape: { dim: [{ size: BigInt(elements) }] },
            tensorContent: data,
          };
          stream.answer(grpcOutputs(stream.call, tensor));
        },
      },
      rest: {
        onRequest: (exchange) => exchange.reply(200, `{"outputs": [${exchange.call}.0${", 0.0".repeat(elements)}]}`),
      },
    });
    const fits = await lab.ask(lab.client(server.address));
    expect(fits.error).toBeUndefined();
    const promising = await lab.server({
      grpc: { onRequest: (stream) => stream.head().data(grpcMessage(Buffer.alloc(100), false, 65 << 20)) },
      rest: { onRequest: (exchange) => exchange.write(responseHead(200, { "content-length": String(65 << 20) })) },
    });
    const large = await lab.ask(lab.client(promising.address));
    expect(large.error).toMatchObject({ kind: "too_large", code: "RESOURCE_EXHAUSTED", retryable: false });
    expect(large.error?.message).toContain(String(65 << 20));
    expect(large.error?.message).toContain(String(64 << 20));
    expect(large.attempts).toHaveLength(1);
  });
});
