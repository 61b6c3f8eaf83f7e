import type { Metadata } from "@grpc/grpc-js";
import type { OperationName, RequestOf } from "../contract/operations.ts";
import type { Call, CallContext, Transport } from "../contract/transport.ts";
import { annotate } from "../errors/annotate.ts";
import type { Code } from "../errors/code.ts";
import { tooLargeError } from "../errors/decode-error.ts";
import type { ErrorKind } from "../errors/kind.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Channel, ChannelUse } from "./channel/channel.ts";
import type { Failure } from "./channel/failure.ts";
import type { Codec } from "./codec.ts";
import { createCodecs } from "./codecs.ts";
import { Connection } from "./connection.ts";
import { connectTimeoutFailure, fromStatus, toServingError } from "./error.ts";
import { toMetadata } from "./headers.ts";
import { CallEnd, ConnectTimeout, type Exchange, invoke } from "./invoke.ts";
import type { GrpcTransportOptions } from "./options.ts";

/**
 * The gRPC way to one server, on grpc-js. Opens nothing before the first call.
 *
 * Tensors of a predict are read when their message is framed, which is after `call` returned its promise: they must
 * not change before that is settled.
 */
export function createGrpcTransport(options: GrpcTransportOptions): Transport {
  return new GrpcTransport(options);
}

class GrpcTransport implements Transport {
  readonly name = "grpc";
  readonly endpoint: string;
  readonly #options: GrpcTransportOptions;
  readonly #connection: Connection;
  readonly #codecs = createCodecs();
  /** The headers of the last call, and what was made of them. A client's own are the same object with every call. */
  #latest: { readonly headers: CallContext["headers"]; readonly metadata: Metadata } | undefined;

  constructor(options: GrpcTransportOptions) {
    this.endpoint = options.target.endpoint;
    this.#options = options;
    this.#connection = new Connection(options);
  }

  // Promises only where there is something to wait for: each async function on the way costs a small call two of them.
  readonly call: Call = <O extends OperationName>(operation: O, request: RequestOf<O>, context: CallContext) => {
    if (context.cancellation.cancelled) return Promise.reject(context.cancellation.reason);
    const about: About = { operation, model: modelOf(request), endpoint: this.endpoint };
    const { maxMessageBytes } = this.#options;
    const codec: Codec<O> = this.#codecs[operation];
    let exchange: Exchange;
    try {
      if (this.#connection.closed) throw toServingError(CLOSED);
      const message = codec.encode(request);
      exchange = { path: codec.path, message, metadata: this.#metadataOf(context.headers), context };
      checkSize(message.length, maxMessageBytes);
    } catch (error) {
      return Promise.reject(withDetails(error, about, context));
    }
    const attempt = new Attempt(about, context);
    return this.#exchange(exchange).then(
      (reply) => attempt.succeed(() => codec.decode(reply, request, { maxMessageBytes })),
      (error: unknown) => attempt.fail(this.#explain(error)),
    );
  };

  /** Asks for the health service, which most servers do not have: whatever answers has HTTP/2 and gRPC. */
  async connect(context: CallContext): Promise<void> {
    const metadata = toMetadata(context.headers);
    try {
      await this.#exchange({ path: HEALTH_CHECK, message: Buffer.alloc(0), metadata, context });
    } catch (failure) {
      const error = this.#explain(failure);
      if (!(error instanceof ServingError) || error === context.cancellation.reason) throw error;
      if (NO_ANSWER.has(error.kind)) throw error;
    }
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #metadataOf(headers: CallContext["headers"]): Metadata {
    if (this.#latest?.headers !== headers) this.#latest = { headers, metadata: toMetadata(headers) };
    return this.#latest.metadata;
  }

  /** Rejects with what `#explain` makes an error of. */
  #exchange(exchange: Exchange): Promise<Buffer> {
    try {
      const channel = this.#connection.channel(exchange.context.compression);
      const use = channel.use();
      return use instanceof Promise ? this.#exchangeSoon(channel, use, exchange) : invoke(channel, use, exchange);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The first calls of a channel wait a moment: meanwhile they may be cancelled, or the transport closed. */
  async #exchangeSoon(channel: Channel, opening: Promise<ChannelUse>, exchange: Exchange): Promise<Buffer> {
    channel.outstanding++;
    let use: ChannelUse;
    try {
      use = await opening;
    } finally {
      channel.outstanding--;
    }
    exchange.context.cancellation.throwIfCancelled();
    if (this.#connection.closed) throw toServingError(CLOSED);
    return invoke(channel, use, exchange);
  }

  #explain(error: unknown): unknown {
    const { target, maxMessageBytes, connectTimeoutMs } = this.#options;
    if (error instanceof CallEnd) {
      const { handshakeError, trailers } = error;
      return fromStatus(
        error,
        { endpoint: this.endpoint, secure: target.secure, maxMessageBytes, handshakeError },
        trailers,
      );
    }
    if (error instanceof ConnectTimeout) {
      return toServingError(connectTimeoutFailure(this.endpoint, connectTimeoutMs));
    }
    return error;
  }
}

interface About {
  readonly operation: OperationName;
  readonly model: string | undefined;
  readonly endpoint: string;
}

/** One try, written to the ledger whatever comes of it. */
class Attempt {
  readonly #about: About;
  readonly #context: CallContext;
  readonly #startedAt = performance.now();

  constructor(about: About, context: CallContext) {
    this.#about = about;
    this.#context = context;
  }

  /** @throws ServingError when the reply cannot be read */
  succeed<R>(read: () => R): R {
    let response: R;
    try {
      response = read();
    } catch (error) {
      this.fail(error);
    }
    this.#record("OK");
    return response;
  }

  /** @throws the cancellation's reason, a ServingError for everything else */
  fail(error: unknown): never {
    const { cancellation } = this.#context;
    if (cancellation.cancelled && error === cancellation.reason) {
      this.#record(error instanceof ServingError ? error.code : "CANCELLED");
      throw error;
    }
    this.#record(error instanceof ServingError ? error.code : "INTERNAL");
    throw withDetails(error, this.#about, this.#context);
  }

  #record(code: Code | "OK"): void {
    const { attempt, ledger } = this.#context;
    const durationMs = performance.now() - this.#startedAt;
    ledger.attempts.push({ attempt, endpoint: this.#about.endpoint, code, durationMs });
  }
}

const HEALTH_CHECK = "/grpc.health.v1.Health/Check";

/** Failures that leave open whether there is a gRPC server at all. */
const NO_ANSWER: ReadonlySet<ErrorKind> = new Set([
  "unavailable",
  "timeout",
  "tls",
  "protocol",
  "truncated",
  "decode",
  "closed",
]);

const CLOSED: Failure = { code: "CANCELLED", kind: "closed", message: "the client was closed" };

function modelOf(request: object): string | undefined {
  return "model" in request ? String(request.model) : undefined;
}

function checkSize(length: number, maxMessageBytes: number): void {
  if (length > maxMessageBytes) {
    throw tooLargeError(`the request has ${length} bytes, the limit is ${maxMessageBytes} (maxMessageBytes)`);
  }
}

/** The error, saying which call it was. What is no ServingError is a mistake in this library, and says so. */
function withDetails(error: unknown, about: About, { ledger }: CallContext): ServingError {
  const message = error instanceof Error ? error.message : String(error);
  const known =
    error instanceof ServingError
      ? error
      : new ServingError(message, { code: "INTERNAL", kind: "internal", cause: error });
  annotate(known, { ...about, attempts: ledger.attempts });
  return known;
}
