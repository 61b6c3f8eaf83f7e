import type { Dispatcher } from "undici";
import type { CallLedger } from "../contract/transport.ts";
import { tooLargeError } from "../errors/decode-error.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import { Body } from "./body.ts";
import { bytesReadBefore, type Connection } from "./connection.ts";
import { fromResponseHeaders } from "./headers.ts";

/** One exchange of HTTP. `path` begins with a slash; `headers` are names and values in turn. */
export interface Exchange {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: string[];
  readonly body: Buffer | undefined;
  /** Limit of the body as it travels. */
  readonly maxMessageBytes: number;
  /** Gets to know what is being waited for: `connecting`, then `waiting for the reply`, then `reading the body`. */
  readonly ledger: Pick<CallLedger, "phase">;
}

/** A reply of any status, its body still compressed where it was. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly trailers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Neither a length nor chunks said where the body ends. */
  readonly endedByClose: boolean;
}

/**
 * Sends one request and gathers the reply. Settles once: with the reply, with undici's or the socket's error (as the
 * cause of an {@link IdleConnectionClosed} where it is one), with a ServingError (kind too_large) as soon as the body is known to be too large, or at once with the reason of the
 * cancellation. Whatever was not read then is not read any more: the connection is closed.
 */
export function invoke(connection: Connection, exchange: Exchange, cancellation: Cancellation): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    if (cancellation.cancelled) {
      reject(cancellation.reason);
      return;
    }
    const handler = new Receiver(exchange, cancellation, resolve, reject);
    cancellation.follow(handler);
    exchange.ledger.phase = "connecting";
    try {
      connection.dispatcher.dispatch(
        {
          origin: connection.origin,
          method: exchange.method,
          path: exchange.path,
          headers: exchange.headers,
          body: exchange.body ?? null,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        handler,
      );
    } catch (error) {
      handler.fail(error);
    }
  });
}

/** A connection that had served other requests ended as this one was sent: the peer had closed it meanwhile. */
export class IdleConnectionClosed extends Error {
  constructor(cause: unknown) {
    super("the connection had been closed", { cause });
  }
}

/** Later than this, it was not the request's coming that made the peer say so. */
const AT_ONCE_MS = 100;

/** What undici is told when a request is given up. It never reaches a caller. */
const GIVEN_UP = new Error("given up");

/** Takes what undici reports of one request. Cheaper than `request()`: no stream, no signal, no second promise. */
class Receiver implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #cancellation: Cancellation;
  readonly #resolve: (reply: HttpReply) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #sentAt = 0;
  #headers: Readonly<Record<string, string>> = {};
  #body: Body | undefined;

  constructor(
    exchange: Exchange,
    cancellation: Cancellation,
    resolve: (reply: HttpReply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#exchange = exchange;
    this.#cancellation = cancellation;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Rejects, and gives the connection up if there is one. */
  fail(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
    this.#controller?.abort(GIVEN_UP);
  }

  onCancel(reason: unknown): void {
    this.fail(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while it was waiting for a connection: it must not be sent now.
    if (this.#settled) controller.abort(GIVEN_UP);
    else {
      this.#sentAt = performance.now();
      this.#exchange.ledger.phase = "waiting for the reply";
    }
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    if (this.#settled) {
      controller.abort(GIVEN_UP);
      return;
    }
    this.#status = status;
    this.#headers = fromResponseHeaders(headers);
    this.#exchange.ledger.phase = "reading the body";
    const length = Number(this.#headers["content-length"]);
    if (length > this.#exchange.maxMessageBytes) this.#refuse(length);
    else this.#body = new Body(length);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const body = this.#body;
    if (this.#settled || body === undefined) return;
    const received = body.length + chunk.length;
    if (received > this.#exchange.maxMessageBytes) this.#refuse(received);
    else body.add(chunk);
  }

  onResponseEnd(
    _controller: Dispatcher.DispatchController,
    trailers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (this.#settled) return;
    const headers = this.#headers;
    const body = this.#body?.take() ?? Buffer.alloc(0);
    this.#settle();
    this.#resolve({
      status: this.#status,
      headers,
      trailers: fromResponseHeaders(trailers),
      body,
      endedByClose: headers["content-length"] === undefined && headers["transfer-encoding"] === undefined,
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settled) return;
    const wasIdle = this.#sentAt > 0 && this.#status === 0 && bytesReadBefore(error) > 0;
    const atOnce = performance.now() - this.#sentAt < AT_ONCE_MS;
    this.#settle();
    this.#reject(wasIdle && atOnce ? new IdleConnectionClosed(error) : error);
  }

  #refuse(bytes: number): void {
    const { maxMessageBytes } = this.#exchange;
    this.fail(tooLargeError(`the reply has ${bytes} bytes or more, the limit is ${maxMessageBytes} (maxMessageBytes)`));
  }

  #settle(): void {
    this.#settled = true;
    this.#body = undefined;
    this.#cancellation.forget(this);
  }
}
