import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { Call, CallContext, Transport } from "../contract/transport.ts";
import { annotate } from "../errors/annotate.ts";
import type { Code } from "../errors/code.ts";
import { tooLargeError } from "../errors/decode-error.ts";
import type { ErrorKind } from "../errors/kind.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Failure } from "./channel/failure.ts";
import type { Codec } from "./codec.ts";
import { CODECS } from "./codecs.ts";
import { Connection } from "./connection.ts";
import { connectTimeoutFailure, fromStatus, toServingError } from "./error.ts";
import { toMetadata } from "./headers.ts";
import { CallEnd, ConnectTimeout, invoke } from "./invoke.ts";
import type { GrpcTransportOptions } from "./options.ts";
import type { OutgoingMessage } from "./wire/wire-writer.ts";

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

  constructor(options: GrpcTransportOptions) {
    this.endpoint = options.target.endpoint;
    this.#options = options;
    this.#connection = new Connection(options);
  }

  readonly call: Call = async (operation, request, context) => {
    context.cancellation.throwIfCancelled();
    const about: About = { operation, model: modelOf(request), endpoint: this.endpoint };
    if (this.#connection.closed) throw withDetails(toServingError(CLOSED), about, context);
    const codec: Codec<typeof operation> = CODECS[operation];
    let message: OutgoingMessage;
    let metadata: ReturnType<typeof toMetadata>;
    try {
      message = codec.encode(request);
      metadata = toMetadata(context.headers);
      checkSize(message.length, this.#options.maxMessageBytes);
    } catch (error) {
      throw withDetails(error, about, context);
    }
    return this.#attempt(codec, request, { message, metadata, about, context });
  };

  /** Asks for the health service, which most servers do not have: whatever answers has HTTP/2 and gRPC. */
  async connect(context: CallContext): Promise<void> {
    try {
      await this.#exchange(HEALTH_CHECK, Buffer.alloc(0), toMetadata(context.headers), context);
    } catch (error) {
      if (!(error instanceof ServingError) || error === context.cancellation.reason) throw error;
      if (NO_ANSWER.has(error.kind)) throw error;
    }
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** One try, written to the ledger whatever comes of it. */
  async #attempt<O extends OperationName>(
    codec: Codec<O>,
    request: RequestOf<O>,
    sending: Sending,
  ): Promise<ResponseOf<O>> {
    const { metadata, about, context } = sending;
    const { ledger } = context;
    const startedAt = performance.now();
    const record = (code: Code | "OK") => {
      const { attempt } = context;
      ledger.attempts.push({ attempt, endpoint: this.endpoint, code, durationMs: performance.now() - startedAt });
    };
    try {
      const reply = await this.#exchange(codec.path, sending.message, metadata, context);
      const response = codec.decode(reply, request, { maxMessageBytes: this.#options.maxMessageBytes });
      record("OK");
      return response;
    } catch (error) {
      if (context.cancellation.cancelled && error === context.cancellation.reason) {
        record(error instanceof ServingError ? error.code : "CANCELLED");
        throw error;
      }
      record(error instanceof ServingError ? error.code : "INTERNAL");
      throw withDetails(error, about, context);
    }
  }

  async #exchange(
    path: string,
    message: OutgoingMessage,
    metadata: ReturnType<typeof toMetadata>,
    context: CallContext,
  ): Promise<Buffer> {
    const channel = this.#connection.channel(context.compression);
    channel.outstanding++;
    try {
      const use = await channel.use();
      // The first call of a channel waits a moment above: it may have been cancelled, or the transport closed.
      context.cancellation.throwIfCancelled();
      if (this.#connection.closed) throw toServingError(CLOSED);
      return await invoke(channel, use, { path, message: use.lazy ? message : toBuffer(message), metadata, context });
    } catch (error) {
      if (error instanceof CallEnd) {
        const peer = {
          endpoint: this.endpoint,
          secure: this.#options.target.secure,
          maxMessageBytes: this.#options.maxMessageBytes,
          handshakeError: channel.handshakeError,
        };
        throw fromStatus(error, peer, context.ledger.responseTrailers);
      }
      if (error instanceof ConnectTimeout) {
        throw toServingError(connectTimeoutFailure(this.endpoint, this.#options.connectTimeoutMs));
      }
      throw error;
    } finally {
      channel.outstanding--;
    }
  }
}

interface About {
  readonly operation: OperationName;
  readonly model: string | undefined;
  readonly endpoint: string;
}

interface Sending {
  readonly message: OutgoingMessage;
  readonly metadata: ReturnType<typeof toMetadata>;
  readonly about: About;
  readonly context: CallContext;
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

function toBuffer(message: OutgoingMessage): Buffer {
  if (Buffer.isBuffer(message)) return message;
  const bytes = Buffer.allocUnsafe(message.length);
  message.copy(bytes, 0);
  return bytes;
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
