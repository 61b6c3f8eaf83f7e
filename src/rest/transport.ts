import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { Call, CallContext, Transport } from "../contract/transport.ts";
import { annotate } from "../errors/annotate.ts";
import { closedError } from "../errors/closed.ts";
import type { Code } from "../errors/code.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import type { CodecContext, RestCodec } from "./codec.ts";
import { CODECS } from "./codecs.ts";
import { compress, decompress, isCompressed } from "./compression.ts";
import { type Connection, connect } from "./connection.ts";
import { fromReply, notJson } from "./error.ts";
import { toRequestHeaders } from "./headers.ts";
import { type HttpReply, IdleConnectionClosed, invoke } from "./invoke.ts";
import type { RestTransportOptions } from "./options.ts";
import { fromSocketError } from "./socket-error.ts";

/**
 * The REST way to one server, on undici. Opens nothing before the first call; inputs are read before `call` returns
 * its promise.
 *
 * @throws TypeError when `dispatcher` and `tls` are both given
 */
export function createRestTransport(options: RestTransportOptions): Transport {
  return new RestTransport(options);
}

class RestTransport implements Transport {
  readonly name = "rest";
  readonly endpoint: string;
  readonly #options: RestTransportOptions;
  readonly #connection: Connection;
  readonly #anonymousTls: boolean;
  #closing: Promise<void> | undefined;

  constructor(options: RestTransportOptions) {
    this.endpoint = options.target.endpoint;
    this.#options = options;
    this.#connection = connect(options);
    // The certificates of a caller's dispatcher are not known here.
    this.#anonymousTls = options.target.secure && options.tls?.cert === undefined && options.dispatcher === undefined;
  }

  readonly call: Call = async <O extends OperationName>(
    operation: O,
    request: RequestOf<O>,
    context: CallContext,
  ): Promise<ResponseOf<O>> => {
    const { cancellation, ledger } = context;
    cancellation.throwIfCancelled();
    let startedAt: number | undefined;
    try {
      if (this.#closing !== undefined) throw closedError("the client was closed");
      const codec: RestCodec<O> = CODECS[operation];
      const { maxMessageBytes, target } = this.#options;
      const about: CodecContext = { format: context.format, signature: context.signature, maxMessageBytes };
      const gzip = context.compression === "gzip";
      const sent = codec.encode(request, about);
      const headers = toRequestHeaders(context.headers, { hasBody: sent.body !== undefined, gzip });
      const body = gzip && sent.body !== undefined ? await orCancelled(compress(sent.body), context) : sent.body;
      ledger.responseStatus = undefined;
      startedAt = performance.now();
      const path = `${target.pathPrefix}/v1${sent.path}`;
      ledger.requestBytes = body?.length ?? 0;
      const exchange = { method: sent.method, path, headers, body, maxMessageBytes, ledger };
      const reply = await invoke(this.#connection, exchange, cancellation);
      ledger.responseStatus = reply.status;
      ledger.responseHeaders = reply.headers;
      ledger.responseTrailers = reply.trailers;
      const encoding = reply.headers["content-encoding"];
      const content = isCompressed(encoding) ? await this.#inflate(reply, encoding, context) : reply.body;
      ledger.responseBytes = content.length;
      if (reply.status !== 200) {
        throw fromReply({ status: reply.status, headers: reply.headers, body: content, requestPath: path });
      }
      if (isOtherText(content)) throw notJson(content);
      const response = codec.decode({ body: content, endedByClose: reply.endedByClose }, request, about);
      this.#record(context, startedAt, "OK");
      return response;
    } catch (error) {
      const failure = this.#explain(error, context, startedAt);
      if (failure instanceof ServingError && failure !== cancellation.reason) {
        const model = "model" in request ? String(request.model) : undefined;
        annotate(failure, { operation, model, endpoint: this.endpoint, attempts: ledger.attempts });
      }
      throw failure;
    }
  };

  /** Asks for the API's root, where nothing is: whatever answers in HTTP is there, and its connection waits for a call. */
  async connect(context: CallContext): Promise<void> {
    const { maxMessageBytes, target } = this.#options;
    const { headers, cancellation, ledger } = context;
    const exchange = {
      method: "GET",
      path: `${target.pathPrefix}/v1`,
      headers: toRequestHeaders(headers, { hasBody: false, gzip: false }),
      body: undefined,
      maxMessageBytes,
      ledger,
    } as const;
    try {
      await invoke(this.#connection, exchange, cancellation);
    } catch (error) {
      if (cancellation.cancelled && error === cancellation.reason) throw error;
      throw this.#read(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#connection.close();
    return this.#closing;
  }

  /** What a call rejects with; written down as the end of its attempt, where that had begun. */
  #explain(error: unknown, context: CallContext, startedAt: number | undefined): unknown {
    if (startedAt === undefined) return error;
    const { cancellation } = context;
    if (cancellation.cancelled && error === cancellation.reason) {
      this.#record(context, startedAt, error instanceof ServingError ? error.code : "CANCELLED");
      return error;
    }
    const failure = this.#read(error);
    this.#record(context, startedAt, failure.code);
    return failure;
  }

  #record({ attempt, ledger }: CallContext, startedAt: number, code: Code | "OK"): void {
    ledger.attempts.push({ attempt, endpoint: this.endpoint, code, durationMs: performance.now() - startedAt });
  }

  #read(error: unknown): ServingError {
    const wasIdle = error instanceof IdleConnectionClosed;
    const peer = {
      endpoint: this.endpoint,
      anonymousTls: this.#anonymousTls,
      wasIdle,
      pauseMs: this.#connection.pauseMs(),
    };
    return fromSocketError(wasIdle ? error.cause : error, peer);
  }

  /** The content of a compressed reply. */
  #inflate({ body, endedByClose, status }: HttpReply, encoding: string, context: CallContext): Promise<Buffer> {
    const inflated = orCancelled(decompress(body, encoding, this.#options.maxMessageBytes, endedByClose), context);
    // What a failure says may be lost, but not that it is one.
    return status === 200 ? inflated : inflated.catch(() => Buffer.alloc(0));
  }
}

/** Whether a body is text that does not begin like JSON at all, such as a page. Empty ones are for the codec. */
function isOtherText(body: Buffer): boolean {
  if (body[0] === 0x7b) return false;
  const start = body
    .toString("latin1", 0, 256)
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  return start !== "" && !start.startsWith("{");
}

/** Waits for work that cannot be stopped, but not longer than until the call is cancelled. */
function orCancelled<T>(work: Promise<T>, { cancellation }: { readonly cancellation: Cancellation }): Promise<T> {
  return new Promise((resolve, reject) => {
    const release = cancellation.onCancel(reject);
    work.finally(release).then(resolve, reject);
  });
}
