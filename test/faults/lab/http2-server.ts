import type { Socket } from "node:net";
import { type Arrival, Arrivals, callIn } from "./arrivals.ts";
import {
  FLAG,
  FRAME,
  type Frame,
  FrameReader,
  frameBytes,
  H2_ERROR,
  headerBlock,
  SETTING,
  settingsBytes,
  uint32,
} from "./http2-frames.ts";
import { grpcMessage, grpcReply } from "./replies.ts";
import { resetSocket } from "./reset-socket.ts";
import { listenTcp, type RawServerOptions } from "./tcp-server.ts";

export type Fields = Readonly<Record<string, string>>;

/** What a server does. Whatever is left out is done right. */
export interface Http2Script {
  /** In place of the greeting: SETTINGS and a wide window for requests. */
  readonly greet?: ((connection: Http2Connection) => void) | undefined;
  /** The head of a request is here, its message may not be. */
  readonly onHead?: ((stream: Http2Stream) => void) | undefined;
  /** In place of the right answer, when the whole request is here. */
  readonly onRequest?: ((stream: Http2Stream) => void) | undefined;
  /** In place of the acknowledgement of a ping. */
  readonly onPing?: ((connection: Http2Connection, payload: Buffer) => void) | undefined;
}

export interface Http2Server {
  readonly address: string;
  readonly port: number;
  readonly arrivals: Arrivals;
  readonly accepted: number;
  /** Connections open now. */
  readonly open: number;
  readonly connections: readonly Http2Connection[];
  /** Reads on, on every connection where a script had stopped. */
  resume(): void;
  close(): Promise<void>;
}

/** A gRPC server that writes its HTTP/2 frames itself, so that every one of them can be wrong. */
export async function startHttp2Server(
  script: Http2Script = {},
  { tls, port, keepArrivals = true }: RawServerOptions = {},
): Promise<Http2Server> {
  const arrivals = new Arrivals(keepArrivals);
  const connections: Http2Connection[] = [];
  const tcp = await listenTcp(
    (socket, number) => {
      const connection = new Http2Connection(socket, number, arrivals, script);
      if (keepArrivals) connections.push(connection);
    },
    { tls, ...(port === undefined ? {} : { port }) },
  );
  return {
    address: `grpc${tls === undefined ? "" : "s"}://127.0.0.1:${tcp.port}`,
    port: tcp.port,
    arrivals,
    connections,
    get accepted() {
      return tcp.accepted;
    },
    get open() {
      return tcp.sockets.size;
    },
    resume: () => {
      for (const socket of tcp.sockets) socket.resume();
    },
    close: () => tcp.close(),
  };
}

/** More than any request of a test. */
const WIDE_WINDOW = 2 ** 30;

/** What every peer takes. */
const MAX_FRAME_BYTES = 16_384;

export class Http2Connection {
  readonly socket: Socket;
  readonly number: number;
  /** Pings that the client sent. */
  pings = 0;
  readonly #script: Http2Script;
  readonly #arrivals: Arrivals;
  readonly #reader = new FrameReader();
  readonly #streams = new Map<number, Http2Stream>();
  /** Of the lowest GOAWAY so far. */
  #lastStream = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, number: number, arrivals: Arrivals, script: Http2Script) {
    this.socket = socket;
    this.number = number;
    this.#arrivals = arrivals;
    this.#script = script;
    if (script.greet === undefined) this.greet();
    else script.greet(this);
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const frame of this.#reader.read(chunk)) this.#take(frame);
      } catch {
        socket.destroy();
      }
    });
  }

  /** Says hello as a server should; `settings` go into it. */
  greet(settings: readonly (readonly [number, number])[] = []): void {
    this.write(
      Buffer.concat([
        settingsBytes([[SETTING.INITIAL_WINDOW_SIZE, WIDE_WINDOW], ...settings]),
        frameBytes(FRAME.WINDOW_UPDATE, 0, 0, uint32(WIDE_WINDOW)),
      ]),
    );
  }

  /** `lastStream` is the highest stream that was or will be worked on. */
  goaway(lastStream: number, code: number, debug = ""): void {
    this.#lastStream = Math.min(this.#lastStream, lastStream);
    for (const stream of this.#streams.values()) if (stream.id > lastStream) this.#leaveOut(stream);
    this.write(frameBytes(FRAME.GOAWAY, 0, 0, Buffer.concat([uint32(lastStream, code), Buffer.from(debug, "latin1")])));
  }

  /** Answers a ping. */
  acknowledge(payload: Buffer): void {
    this.write(frameBytes(FRAME.PING, FLAG.ACK, 0, payload));
  }

  write(bytes: Buffer): void {
    if (!this.socket.destroyed && this.socket.writable) this.socket.write(bytes);
  }

  reset(): void {
    resetSocket(this.socket);
  }

  /** As a GOAWAY promised: it is not worked on, and not answered. */
  #leaveOut(stream: Http2Stream): void {
    stream.arrival.processed = false;
    this.#streams.delete(stream.id);
  }

  /** The stream needs nothing more. */
  forget(stream: Http2Stream): void {
    this.#streams.delete(stream.id);
  }

  #take({ type, flags, stream: id, payload }: Frame): void {
    if (type === FRAME.SETTINGS && (flags & FLAG.ACK) === 0) {
      this.write(frameBytes(FRAME.SETTINGS, FLAG.ACK, 0, Buffer.alloc(0)));
    } else if (type === FRAME.PING && (flags & FLAG.ACK) === 0) {
      this.pings++;
      if (this.#script.onPing === undefined) this.acknowledge(payload);
      else this.#script.onPing(this, payload);
    } else if (type === FRAME.HEADERS) {
      const stream = new Http2Stream(this, id, this.#arrivals.add(this.number));
      this.#streams.set(id, stream);
      if (id > this.#lastStream) {
        this.#leaveOut(stream);
        return;
      }
      this.#script.onHead?.(stream);
      if ((flags & FLAG.END_STREAM) !== 0) this.#finish(stream);
    } else if (type === FRAME.DATA) {
      const stream = this.#streams.get(id);
      if (stream === undefined) return;
      const padding = (flags & FLAG.PADDED) === 0 ? 0 : payload[0]! + 1;
      stream.receive(padding === 0 ? payload : payload.subarray(1, payload.length - padding + 1));
      if ((flags & FLAG.END_STREAM) !== 0) this.#finish(stream);
    } else if (type === FRAME.RST_STREAM) {
      const stream = this.#streams.get(id);
      if (stream === undefined) return;
      stream.cancelled = true;
      this.#streams.delete(id);
      stream.onCancel?.();
    }
  }

  #finish(stream: Http2Stream): void {
    if (this.#script.onRequest === undefined) stream.answer();
    else this.#script.onRequest(stream);
  }
}

/** One request, and what can be sent back for it. */
export class Http2Stream {
  readonly connection: Http2Connection;
  readonly id: number;
  readonly arrival: Arrival;
  /** The client has reset it. */
  cancelled = false;
  onCancel: (() => void) | undefined;
  #received = 0;
  #begin = "";

  constructor(connection: Http2Connection, id: number, arrival: Arrival) {
    this.connection = connection;
    this.id = id;
    this.arrival = arrival;
  }

  /** Number of the call; 0 while the message has not come. */
  get call(): number {
    return this.arrival.call ?? 0;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  /** How the message begins, byte by byte: the names in it can be read. */
  get text(): string {
    return this.#begin;
  }

  receive(data: Buffer): void {
    this.#received += data.length;
    // The name of the model is among the first fields of the message; the rest is not kept.
    if (this.#begin.length < 256) this.#begin += data.toString("latin1", 0, 256);
    this.arrival.call ??= callIn(this.#begin);
  }

  headers(fields: Fields, { end = false }: { readonly end?: boolean } = {}): this {
    const flags = FLAG.END_HEADERS | (end ? FLAG.END_STREAM : 0);
    if (end) this.connection.forget(this);
    this.#write(frameBytes(FRAME.HEADERS, flags, this.id, headerBlock(Object.entries(fields))));
    return this;
  }

  /** The head of every proper gRPC reply. */
  head(fields: Fields = {}): this {
    return this.headers({ ":status": "200", "content-type": "application/grpc", ...fields });
  }

  /** Sends bytes in as many frames as they need. */
  data(bytes: Buffer, { end = false }: { readonly end?: boolean } = {}): this {
    for (let start = 0; start === 0 || start < bytes.length; start += MAX_FRAME_BYTES) {
      const part = bytes.subarray(start, start + MAX_FRAME_BYTES);
      const isLast = start + MAX_FRAME_BYTES >= bytes.length;
      this.#write(frameBytes(FRAME.DATA, end && isLast ? FLAG.END_STREAM : 0, this.id, part));
    }
    return this;
  }

  trailers(fields: Fields): this {
    return this.headers(fields, { end: true });
  }

  /** A whole answer: the right one, or `message` in its place. */
  answer(message: Buffer = grpcReply(this.call)): void {
    this.head().data(grpcMessage(message)).trailers({ "grpc-status": "0" });
  }

  /** A status and nothing else. */
  status(code: number | string, message = "", fields: Fields = {}): void {
    this.headers(
      {
        ":status": "200",
        "content-type": "application/grpc",
        "grpc-status": String(code),
        ...(message === "" ? {} : { "grpc-message": message }),
        ...fields,
      },
      { end: true },
    );
  }

  /** A status whose text needs more header frames than one. */
  longStatus(code: number, message: string): void {
    const block = headerBlock(
      Object.entries({
        ":status": "200",
        "content-type": "application/grpc",
        "grpc-status": String(code),
        "grpc-message": message,
      }),
    );
    const frames: Buffer[] = [];
    for (let start = 0; start < block.length; start += MAX_FRAME_BYTES) {
      const isLast = start + MAX_FRAME_BYTES >= block.length;
      const type = start === 0 ? FRAME.HEADERS : FRAME.CONTINUATION;
      const flags = (start === 0 ? FLAG.END_STREAM : 0) | (isLast ? FLAG.END_HEADERS : 0);
      frames.push(frameBytes(type, flags, this.id, block.subarray(start, start + MAX_FRAME_BYTES)));
    }
    this.#write(Buffer.concat(frames));
  }

  /** RST_STREAM. The code REFUSED_STREAM promises that nothing was worked on. */
  reset(code: number): void {
    this.connection.forget(this);
    this.#write(frameBytes(FRAME.RST_STREAM, 0, this.id, uint32(code)));
    if (code === H2_ERROR.REFUSED_STREAM) this.arrival.processed = false;
  }

  /** Nothing goes out on a stream that the server said it leaves out. */
  #write(bytes: Buffer): void {
    if (this.arrival.processed) this.connection.write(bytes);
  }
}
