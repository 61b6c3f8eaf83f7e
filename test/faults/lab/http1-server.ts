import type { Socket } from "node:net";
import { type Arrival, Arrivals, callIn } from "./arrivals.ts";
import { restReply } from "./replies.ts";
import { resetSocket } from "./reset-socket.ts";
import { listenTcp, type RawServerOptions } from "./tcp-server.ts";

/** What a server does. Whatever is left out is done right. */
export interface Http1Script {
  /** In place of reading: the connection is the script's alone. */
  readonly onConnection?: ((socket: Socket, number: number) => void) | undefined;
  /** The head of a request is here, its body may not be. */
  readonly onHead?: ((exchange: Http1Exchange) => void) | undefined;
  /** In place of the right answer, when the whole request is here. */
  readonly onRequest?: ((exchange: Http1Exchange) => void) | undefined;
}

export interface Http1Server {
  readonly address: string;
  readonly port: number;
  readonly arrivals: Arrivals;
  readonly accepted: number;
  /** Connections open now. */
  readonly open: number;
  /** Reads on, on every connection where a script had stopped. */
  resume(): void;
  close(): Promise<void>;
}

/** A REST server that writes HTTP/1.1 byte by byte, so that every one of them can be wrong. */
export async function startHttp1Server(
  script: Http1Script = {},
  { tls, port, keepArrivals = true }: RawServerOptions = {},
): Promise<Http1Server> {
  const arrivals = new Arrivals(keepArrivals);
  const tcp = await listenTcp(
    (socket, number) => {
      if (script.onConnection !== undefined) script.onConnection(socket, number);
      else new Http1Reader(socket, number, arrivals, script);
    },
    { tls, ...(port === undefined ? {} : { port }) },
  );
  return {
    address: `http${tls === undefined ? "" : "s"}://127.0.0.1:${tcp.port}`,
    port: tcp.port,
    arrivals,
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

/** Finds the requests of a connection, one after the other. */
class Http1Reader {
  #rest: Buffer = Buffer.alloc(0);
  #exchange: Http1Exchange | undefined;
  #missing = 0;

  constructor(socket: Socket, number: number, arrivals: Arrivals, script: Http1Script) {
    socket.on("data", (chunk: Buffer) => {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      if (this.#exchange === undefined) {
        const end = this.#rest.indexOf("\r\n\r\n");
        if (end === -1) return;
        const head = this.#rest.toString("latin1", 0, end);
        this.#rest = this.#rest.subarray(end + 4);
        const arrival = arrivals.add(number);
        arrival.call = callIn(head);
        this.#exchange = new Http1Exchange(socket, head, arrival, number);
        this.#missing = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        script.onHead?.(this.#exchange);
      }
      const taken = Math.min(this.#missing, this.#rest.length);
      this.#missing -= taken;
      this.#rest = this.#rest.subarray(taken);
      if (this.#missing > 0) return;
      const exchange = this.#exchange;
      this.#exchange = undefined;
      if (script.onRequest === undefined) exchange.answer();
      else script.onRequest(exchange);
    });
  }
}

/** One request, and what can be sent back for it. */
export class Http1Exchange {
  readonly socket: Socket;
  readonly head: string;
  readonly arrival: Arrival;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;

  constructor(socket: Socket, head: string, arrival: Arrival, connection: number) {
    this.socket = socket;
    this.head = head;
    this.arrival = arrival;
    this.connection = connection;
  }

  get call(): number {
    return this.arrival.call ?? 0;
  }

  /** The right answer. */
  answer(): void {
    this.reply(200, restReply(this.call));
  }

  /** The server's own form of failure. */
  error(status: number, message: string, headers: Readonly<Record<string, string>> = {}): void {
    this.reply(status, JSON.stringify({ error: message }), headers);
  }

  reply(status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): void {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const lengths = "content-length" in headers ? headers : { "content-length": String(bytes.length), ...headers };
    this.write(responseHead(status, { "content-type": "application/json", ...lengths }));
    this.write(bytes);
  }

  write(bytes: string | Uint8Array): void {
    if (!this.socket.destroyed && this.socket.writable) this.socket.write(bytes);
  }

  end(): void {
    this.socket.end();
  }

  /** A TCP reset: whatever is not on its way yet is lost. */
  reset(): void {
    resetSocket(this.socket);
  }
}

export function responseHead(status: number, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join("")}\r\n`;
}
