import { gzipSync } from "node:zlib";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import type { WireOptions } from "../../../src/assembly/wire-options.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { CODE_NUMBERS } from "../../../src/errors/code.ts";
import { type Http1Exchange, responseHead } from "../lab/http1-server.ts";
import { H2_ERROR } from "../lab/http2-frames.ts";
import type { Http2Stream } from "../lab/http2-server.ts";
import { grpcMessage, grpcOutputs, grpcReply, restReply } from "../lab/replies.ts";
import { answerRight } from "./right-replies.ts";

/** What a server does to a request in place of the right answer: one row of the matrix, on the wires it names. */
export interface RequestFault {
  readonly row: number;
  readonly name: string;
  readonly grpc?: (stream: Http2Stream) => void;
  readonly rest?: (exchange: Http1Exchange) => void;
  /** In place of reading the body. */
  readonly whileSending?: boolean;
  readonly client?: ClientOptions & WireOptions;
  /** A health check may pass all the same: the fault is none to a request like this one, or it is made good. */
  readonly mayPass?: boolean;
}

const QUEUE_FULL = "The batch scheduling queue to which this task was submitted is full";
const PAGE = "<html><body>Welcome to the portal</body></html>";

const status = (code: keyof typeof CODE_NUMBERS, text: string, http: number): Pick<RequestFault, "grpc" | "rest"> => ({
  grpc: (stream) => stream.status(CODE_NUMBERS[code], text),
  rest: (exchange) => exchange.error(http, text),
});

const page = (http: number): Pick<RequestFault, "grpc" | "rest"> => ({
  grpc: (stream) =>
    stream.headers({ ":status": String(http), "content-type": "text/html" }).data(Buffer.from(PAGE), { end: true }),
  rest: (exchange) => exchange.reply(http, PAGE, { "content-type": "text/html" }),
});

const encoded = (encoding: string, grpc: Buffer, rest: Buffer): Pick<RequestFault, "grpc" | "rest"> => ({
  grpc: (stream) =>
    stream.head({ "grpc-encoding": encoding }).data(grpcMessage(grpc, true)).trailers({ "grpc-status": "0" }),
  rest: (exchange) => exchange.reply(200, rest, { "content-encoding": encoding }),
});

const message = (bytes: Buffer, promised?: number): Pick<RequestFault, "grpc"> => ({
  grpc: (stream) =>
    stream
      .head()
      .data(grpcMessage(bytes, false, promised))
      .trailers({ "grpc-status": "0" }),
});

/** One byte after the other, until the other end has gone. */
function drip(write: (byte: Buffer) => void, isOver: () => boolean, bytes: Buffer): void {
  let next = 0;
  const timer = setInterval(() => {
    if (isOver()) clearInterval(timer);
    else write(bytes.subarray(next, ++next));
  }, 25);
}

const gone = (stream: Http2Stream) => stream.cancelled || stream.connection.socket.destroyed;
const BOMB = Buffer.concat(new Array(16).fill(gzipSync(Buffer.alloc(16 << 20))));
const HEAD_200 = (headers: Record<string, string>) =>
  responseHead(200, { "content-type": "application/json", ...headers });

const BODIES: readonly RequestFault[] = [
  { row: 3, name: "silence for an answer", grpc: () => {}, rest: () => {} },
  {
    row: 8,
    name: "a reset before any byte",
    grpc: (stream) => stream.connection.reset(),
    rest: (exchange) => exchange.reset(),
  },
  {
    row: 9,
    name: "the connection's end in the middle of a reply",
    grpc: (stream) => {
      stream.head().data(grpcMessage(grpcReply(7)).subarray(0, 8));
      stream.connection.socket.end();
    },
    rest: (exchange) => {
      exchange.write(HEAD_200({ "content-length": "170" }));
      exchange.write('{"outputs"');
      exchange.end();
    },
  },
  {
    row: 10,
    name: "a reply that only the closed connection ended",
    rest: (exchange) => {
      exchange.write(HEAD_200({ connection: "close" }));
      exchange.write('{"outputs": [1');
      exchange.end();
    },
  },
  {
    row: 11,
    name: "a dripping body",
    grpc: (stream) => {
      stream.head();
      drip(
        (byte) => stream.data(byte),
        () => gone(stream),
        grpcMessage(Buffer.alloc(3_000)),
      );
    },
    rest: (exchange) => {
      exchange.write(HEAD_200({ "content-length": "3000" }));
      drip(
        (byte) => exchange.write(byte),
        () => exchange.socket.destroyed,
        Buffer.alloc(3_000, 0x20),
      );
    },
  },
  {
    row: 12,
    name: "dripping headers",
    rest: (exchange) =>
      drip(
        (byte) => exchange.write(byte),
        () => exchange.socket.destroyed,
        Buffer.from(HEAD_200({ "x-long": "a".repeat(3_000) })),
      ),
  },
  {
    row: 13,
    name: "a server that stops to read",
    whileSending: true,
    grpc: (stream) => stream.connection.socket.pause(),
    rest: (exchange) => exchange.socket.pause(),
  },
  {
    row: 15,
    name: "an answer, and the connection closed behind it",
    mayPass: true,
    rest: (exchange) => {
      answerRight(exchange);
      exchange.end();
    },
  },
];

const HTTP2: readonly RequestFault[] = [
  {
    row: 16,
    name: "GOAWAY NO_ERROR behind the answer",
    mayPass: true,
    grpc: (stream) => {
      stream.connection.goaway(stream.id, H2_ERROR.NO_ERROR);
      answerRight(stream);
    },
  },
  { row: 17, name: "GOAWAY below every stream", grpc: (stream) => stream.connection.goaway(0, H2_ERROR.NO_ERROR) },
  {
    row: 18,
    name: "GOAWAY ENHANCE_YOUR_CALM",
    grpc: (stream) => stream.connection.goaway(stream.id, H2_ERROR.ENHANCE_YOUR_CALM, "too_many_pings"),
  },
  { row: 19, name: "REFUSED_STREAM for ever", grpc: (stream) => stream.reset(H2_ERROR.REFUSED_STREAM) },
  ...Array.from({ length: 14 }, (_, code): RequestFault[] => [
    { row: 20, name: `RST_STREAM ${code} before headers`, grpc: (stream) => stream.reset(code) },
    { row: 20, name: `RST_STREAM ${code} after headers`, grpc: (stream) => stream.head().reset(code) },
    {
      row: 20,
      name: `RST_STREAM ${code} during data`,
      grpc: (stream) =>
        stream
          .head()
          .data(grpcMessage(grpcReply(7)).subarray(0, 9))
          .reset(code),
    },
    {
      row: 20,
      name: `RST_STREAM ${code} after data`,
      grpc: (stream) =>
        stream
          .head()
          .data(grpcMessage(grpcReply(7)))
          .reset(code),
    },
  ]).flat(),
];

const STATUSES: readonly RequestFault[] = [
  { row: 23, name: "UNAVAILABLE", ...status("UNAVAILABLE", "not now", 503) },
  {
    row: 24,
    name: "UNAVAILABLE behind the headers",
    grpc: (stream) => stream.head().trailers({ "grpc-status": "14", "grpc-message": "not now" }),
  },
  { row: 25, name: "a full batching queue", ...status("UNAVAILABLE", QUEUE_FULL, 503) },
  { row: 26, name: "no room in the queue", ...status("RESOURCE_EXHAUSTED", "no room", 429) },
  {
    row: 27,
    name: "a reply over our limit",
    client: { maxMessageBytes: 10_000 },
    ...message(Buffer.alloc(20_000)),
    rest: (exchange) => exchange.write(HEAD_200({ "content-length": "20000" })),
  },
  { row: 28, name: "DEADLINE_EXCEEDED of the server's", ...status("DEADLINE_EXCEEDED", "Timed out", 504) },
  { row: 29, name: "UNKNOWN", ...status("UNKNOWN", "something", 500) },
  { row: 29, name: "INVALID_ARGUMENT", ...status("INVALID_ARGUMENT", "no such input", 400) },
  { row: 29, name: "PERMISSION_DENIED", ...status("PERMISSION_DENIED", "not for you", 403) },
  { row: 29, name: "UNAUTHENTICATED", ...status("UNAUTHENTICATED", "who are you", 401) },
  { row: 29, name: "UNIMPLEMENTED", ...status("UNIMPLEMENTED", "no such method", 501) },
  { row: 29, name: "DATA_LOSS", ...status("DATA_LOSS", "checksum", 500) },
  // To a server that is alive it is an answer.
  {
    row: 30,
    name: "NOT_FOUND",
    mayPass: true,
    ...status("NOT_FOUND", "Servable not found for request: Latest(m)", 404),
  },
  { row: 31, name: "a clash of shapes", ...status("FAILED_PRECONDITION", "Tensors have different shapes", 400) },
  ...["abc", "99", "-1"].map(
    (code): RequestFault => ({ row: 32, name: `grpc-status ${code}`, grpc: (stream) => stream.status(code) }),
  ),
  { row: 32, name: "no grpc-status", grpc: (stream) => void stream.head().trailers({}) },
  { row: 33, name: "a message of 200 KB", grpc: (stream) => stream.longStatus(13, "%".repeat(200_000)) },
  { row: 33, name: "a message with escapes", grpc: (stream) => stream.status(13, "%1b[31m%0d%0a %zz") },
  { row: 34, name: "no message with status 0", grpc: (stream) => void stream.head().trailers({ "grpc-status": "0" }) },
  {
    row: 34,
    name: "half a message with status 0",
    grpc: (stream) =>
      void stream
        .head()
        .data(grpcMessage(grpcReply(7)).subarray(0, 9))
        .trailers({ "grpc-status": "0" }),
  },
  {
    row: 35,
    name: "two messages",
    grpc: (stream) =>
      void stream
        .head()
        .data(grpcMessage(grpcReply(7)))
        .data(grpcMessage(grpcReply(7)))
        .trailers({ "grpc-status": "0" }),
  },
  { row: 35, name: "a message, and no end", grpc: (stream) => void stream.head().data(grpcMessage(grpcReply(7))) },
  ...[200, 502, 503].map((http): RequestFault => ({ row: 36, name: `a page with status ${http}`, ...page(http) })),
];

const CONTENTS: readonly RequestFault[] = [
  { row: 37, name: "the encoding br", ...encoded("br", grpcReply(7), Buffer.from(restReply(7))) },
  { row: 38, name: "gzip that is none", ...encoded("gzip", Buffer.from("plain"), Buffer.from("plain")) },
  {
    row: 38,
    name: "truncated gzip",
    ...encoded("gzip", gzipSync(grpcReply(7)).subarray(0, 15), gzipSync(restReply(7)).subarray(0, 15)),
  },
  { row: 39, name: "a gzip bomb", client: { maxMessageBytes: 4 << 20 }, ...encoded("gzip", BOMB, BOMB) },
  {
    row: 40,
    name: "65 MiB promised",
    ...message(Buffer.alloc(100), 65 << 20),
    rest: (exchange) => exchange.write(HEAD_200({ "content-length": String(65 << 20) })),
  },
  { row: 41, name: "a length beyond the end", ...message(Buffer.of(0x0a, 0x7f, 1, 2, 3)) },
  { row: 41, name: "groups 100,000 deep", ...message(Buffer.alloc(100_000, 0x7b)) },
  {
    row: 42,
    name: "one value for 10^9 elements",
    // Where no tensor is wanted these bytes say nothing, or nothing true.
    mayPass: true,
    ...message(
      grpcOutputs(7, { dtype: DataType.DT_FLOAT, tensorShape: { dim: [{ size: 10n ** 9n }] }, floatVal: [1] }),
    ),
  },
  { row: 43, name: "JSON nested a million deep", rest: (exchange) => exchange.reply(200, "[".repeat(1_000_000)) },
  {
    row: 43,
    name: "bytes that are no UTF-8",
    rest: (exchange) => exchange.reply(200, Buffer.of(0x7b, 0x22, 0xff, 0x22, 0x7d)),
  },
  {
    row: 43,
    name: "a number without end",
    rest: (exchange) => exchange.reply(200, `{"outputs": [${"9".repeat(500_000)}e`),
  },
  ...["0", "3600", "-5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"].map(
    (after): RequestFault => ({
      row: 44,
      name: `503 with Retry-After ${after}`,
      rest: (exchange) => exchange.error(503, "calm", { "retry-after": after }),
    }),
  ),
  ...["0", "100", "-1", "abc", "1000000000"].map(
    (pushback): RequestFault => ({
      row: 45,
      name: `pushback of ${pushback}`,
      grpc: (stream) => stream.status(14, "not now", { "grpc-retry-pushback-ms": pushback }),
    }),
  ),
  ...[301, 302, 307].map(
    (http): RequestFault => ({
      row: 46,
      name: `a redirect ${http}`,
      rest: (exchange) => exchange.reply(http, "", { location: "http://user:secret@elsewhere.invalid/" }),
    }),
  ),
];

/** Rows 8 to 46, as far as a single request can meet them. */
export const REQUEST_FAULTS: readonly RequestFault[] = [...BODIES, ...HTTP2, ...STATUSES, ...CONTENTS];
