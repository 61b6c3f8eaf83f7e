import { gzipSync } from "node:zlib";
import { type Http1Exchange, type Http1Script, responseHead } from "./http1-server.ts";
import { H2_ERROR } from "./http2-frames.ts";
import type { Http2Script, Http2Stream } from "./http2-server.ts";
import { grpcMessage, grpcReply, restReply } from "./replies.ts";

/** A way to fail, and how often it comes among the failures. */
interface Fault<T> {
  readonly name: string;
  readonly weight: number;
  strike(target: T, random: () => number): void;
}

/** Milliseconds that pass before a late answer. */
const LATE_MS = 30;
const QUEUE_FULL = "The batch scheduling queue to which this task was submitted is full";

const GRPC_FAULTS: readonly Fault<Http2Stream>[] = [
  { name: "a status", weight: 6, strike: (stream, random) => stream.status(1 + Math.floor(random() * 16), "no luck") },
  { name: "unavailable", weight: 6, strike: (stream) => stream.status(14, "not now") },
  { name: "a full queue", weight: 4, strike: (stream) => stream.status(14, QUEUE_FULL) },
  { name: "a reset stream", weight: 6, strike: (stream, random) => stream.reset(Math.floor(random() * 14)) },
  { name: "a refused stream", weight: 4, strike: (stream) => stream.reset(H2_ERROR.REFUSED_STREAM) },
  {
    name: "a reset after the headers",
    weight: 3,
    strike: (stream, random) => stream.head().reset(Math.floor(random() * 14)),
  },
  {
    name: "half a message, then a reset",
    weight: 3,
    strike: (stream) =>
      stream
        .head()
        .data(grpcMessage(grpcReply(stream.call)).subarray(0, 9))
        .reset(H2_ERROR.CANCEL),
  },
  {
    name: "half a message, then status 0",
    weight: 2,
    strike: (stream) =>
      stream
        .head()
        .data(grpcMessage(grpcReply(stream.call)).subarray(0, 9))
        .trailers({ "grpc-status": "0" }),
  },
  { name: "no message", weight: 2, strike: (stream) => stream.head().trailers({ "grpc-status": "0" }) },
  {
    name: "two messages",
    weight: 2,
    strike: (stream) => {
      const message = grpcMessage(grpcReply(stream.call));
      stream.head().data(message).data(message).trailers({ "grpc-status": "0" });
    },
  },
  { name: "a status that is none", weight: 1, strike: (stream) => stream.status("abc") },
  {
    name: "a page",
    weight: 2,
    strike: (stream, random) =>
      stream
        .headers({ ":status": random() < 0.5 ? "200" : "502", "content-type": "text/html" })
        .data(Buffer.from("<html>hello</html>"), { end: true }),
  },
  {
    name: "broken gzip",
    weight: 2,
    strike: (stream) =>
      stream
        .head({ "grpc-encoding": "gzip" })
        .data(grpcMessage(gzipSync(grpcReply(stream.call)).subarray(0, 15), true))
        .trailers({ "grpc-status": "0" }),
  },
  { name: "a goodbye", weight: 2, strike: (stream) => goodbye(stream, stream.id) },
  {
    name: "a goodbye that leaves it out",
    weight: 2,
    strike: (stream) => stream.connection.goaway(0, H2_ERROR.NO_ERROR),
  },
  { name: "a reset connection", weight: 2, strike: (stream) => stream.connection.reset() },
  { name: "the connection's end", weight: 2, strike: (stream) => stream.connection.socket.end() },
  { name: "a late answer", weight: 8, strike: (stream) => void setTimeout(() => stream.answer(), LATE_MS) },
  { name: "silence", weight: 3, strike: () => {} },
];

function goodbye(stream: Http2Stream, lastStream: number): void {
  stream.connection.goaway(lastStream, H2_ERROR.NO_ERROR);
  stream.answer();
}

const REST_FAULTS: readonly Fault<Http1Exchange>[] = [
  {
    name: "a status",
    weight: 6,
    strike: (exchange, random) => {
      const statuses = [400, 401, 403, 404, 409, 429, 499, 500, 501, 502, 503, 504];
      exchange.error(statuses[Math.floor(random() * statuses.length)] as number, "no luck");
    },
  },
  { name: "unavailable", weight: 6, strike: (exchange) => exchange.error(503, "not now") },
  { name: "a full queue", weight: 4, strike: (exchange) => exchange.error(503, QUEUE_FULL) },
  {
    name: "a wish to be left alone",
    weight: 3,
    strike: (exchange, random) => {
      const wishes = ["0", "1", "3600", "-5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"];
      exchange.error(429, "calm", { "retry-after": wishes[Math.floor(random() * wishes.length)] as string });
    },
  },
  { name: "a reset connection", weight: 4, strike: (exchange) => exchange.reset() },
  { name: "the connection's end", weight: 4, strike: (exchange) => exchange.end() },
  {
    name: "half a reply of known length",
    weight: 3,
    strike: (exchange) => {
      exchange.write(responseHead(200, { "content-length": "500" }));
      exchange.write('{"outputs": [');
      exchange.end();
    },
  },
  {
    name: "half a reply in chunks",
    weight: 3,
    strike: (exchange) => {
      exchange.write(responseHead(200, { "transfer-encoding": "chunked" }));
      exchange.write('a\r\n{"outputs"\r\n');
      exchange.end();
    },
  },
  {
    name: "half a reply that the connection's end ended",
    weight: 3,
    strike: (exchange) => {
      exchange.write(responseHead(200, { connection: "close" }));
      exchange.write('{"outputs": [');
      exchange.end();
    },
  },
  {
    name: "a page",
    weight: 2,
    strike: (exchange, random) =>
      exchange.reply(random() < 0.5 ? 200 : 502, "<html>hello</html>", { "content-type": "text/html" }),
  },
  { name: "no JSON", weight: 2, strike: (exchange) => exchange.reply(200, '{"outputs": [1.0.0]}') },
  {
    name: "another protocol",
    weight: 1,
    strike: (exchange) => {
      exchange.write("SSH-2.0-hello\r\n");
      exchange.end();
    },
  },
  {
    name: "broken gzip",
    weight: 2,
    strike: (exchange) =>
      exchange.reply(200, gzipSync(restReply(exchange.call)).subarray(0, 15), { "content-encoding": "gzip" }),
  },
  {
    name: "an unknown encoding",
    weight: 1,
    strike: (exchange) => exchange.reply(200, "x", { "content-encoding": "br" }),
  },
  {
    name: "a redirect",
    weight: 1,
    strike: (exchange) => exchange.reply(302, "", { location: "http://elsewhere.invalid/" }),
  },
  {
    name: "an answer, then the connection's end",
    weight: 4,
    strike: (exchange) => {
      exchange.answer();
      exchange.end();
    },
  },
  { name: "a late answer", weight: 8, strike: (exchange) => void setTimeout(() => exchange.answer(), LATE_MS) },
  { name: "silence", weight: 3, strike: () => {} },
];

/** A server that fails a share of its requests, each in a way drawn from the seed; the rest it answers right. */
export class Scenario {
  readonly random: () => number;
  /** How often each fault came. */
  readonly struck = new Map<string, number>();
  readonly #share: number;

  constructor(random: () => number, share: number) {
    this.random = random;
    this.#share = share;
  }

  get scripts(): { readonly grpc: Http2Script; readonly rest: Http1Script } {
    return {
      grpc: { onRequest: (stream) => this.#meet(GRPC_FAULTS, stream) },
      rest: { onRequest: (exchange) => this.#meet(REST_FAULTS, exchange) },
    };
  }

  #meet<T extends { answer(): void }>(faults: readonly Fault<T>[], target: T): void {
    if (this.random() >= this.#share) {
      target.answer();
      return;
    }
    let rest = this.random() * faults.reduce((sum, { weight }) => sum + weight, 0);
    const fault = faults.find(({ weight }) => {
      rest -= weight;
      return rest < 0;
    });
    if (fault === undefined) return;
    this.struck.set(fault.name, (this.struck.get(fault.name) ?? 0) + 1);
    fault.strike(target, this.random);
  }
}
