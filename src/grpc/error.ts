import { status as grpcStatus } from "@grpc/grpc-js";
import { type Code, toStatusName } from "../errors/code.ts";
import type { ErrorKind } from "../errors/kind.ts";
import { KIND_OF_CODE } from "../errors/kind-of-code.ts";
import { setRetryFacts } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";
import { toConnectFailure } from "./channel/connect-failure.ts";
import { type EndStatus, type Failure, type FailureContext, UNPROCESSED } from "./channel/failure.ts";
import { retryAfterMs } from "./retry-after.ts";
import { printable } from "./wire/printable.ts";

interface Rule {
  /** The code that the text belongs to; any where it is missing. */
  readonly code?: number;
  readonly text: RegExp;
  readonly to: (match: RegExpExecArray, context: FailureContext) => Failure | undefined;
}

const WRONG_PORT = "gRPC is usually on port 8500 and REST on 8501";

/** One row a text: what grpc-js says by itself, then what the server says where its code alone is not enough. */
const RULES: readonly Rule[] = [
  // grpc-js build/src/stream-decoder.js: the first five bytes of a message are a flag and a length.
  {
    code: grpcStatus.RESOURCE_EXHAUSTED,
    text: /^Received message larger than max \((\d+) vs (-?\d+)\)$/,
    to: ([, size, limit]) =>
      isText(Number(size))
        ? failure("INTERNAL", "protocol", `the peer answers with text, not with gRPC messages: ${WRONG_PORT}`)
        : failure(
            "RESOURCE_EXHAUSTED",
            "too_large",
            `the reply has ${size} bytes, the limit is ${limit} (maxMessageBytes)`,
          ),
  },
  // grpc-js build/src/compression-filter.js
  {
    text: /^Received message that decompresses to a size larger than (\d+)$/,
    to: ([, limit]) =>
      failure(
        "RESOURCE_EXHAUSTED",
        "too_large",
        `the reply has more than ${limit} bytes after decompression, which is the limit (maxMessageBytes)`,
      ),
  },
  {
    text: /^Failed to decompress (\w+)-encoded message$/,
    to: ([, encoding]) => failure("INTERNAL", "decode", `the reply is not valid ${encoding}`),
  },
  // grpc-js build/src/client.js: both break the contract of a call with one answer, neither means "no such method".
  {
    code: grpcStatus.UNIMPLEMENTED,
    text: /^No message received$/,
    to: () => failure("INTERNAL", "protocol", "the server ended the call with OK, but without a whole message"),
  },
  {
    code: grpcStatus.UNIMPLEMENTED,
    text: /^Too many responses received$/,
    to: () => failure("INTERNAL", "protocol", "the server sent more than one message as the answer to one call"),
  },
  // grpc-js build/src/subchannel-call.js
  { text: /^Received HTTP status code (\d+)$/, to: ([, status]) => fromHttpStatus(Number(status)) },
  {
    text: /^No status information received$/,
    to: () => failure("UNKNOWN", "protocol", "the server ended the call without a gRPC status"),
  },
  {
    // The connection ended with an error, and this call with it. Servers on nghttp2, such as Node.js, do so to who resets a
    // thousand streams at once, or later more than 33 a second. @see https://github.com/grpc/grpc-node/issues/2625
    text: /^Received RST_STREAM with code \d+ triggered by internal client error: Session closed with error code (\d+)$/,
    to: ([, code]) =>
      failure(
        "UNAVAILABLE",
        "unavailable",
        `the peer closed the connection with HTTP/2 error ${code}: some do so when many calls are cancelled at once`,
      ),
  },
  {
    text: /^Received RST_STREAM with code (\d+)(.*)$/s,
    to: ([, code, rest]) => fromReset(Number(code), rest as string),
  },
  {
    // A cancellation of ours has been settled before it gets here.
    code: grpcStatus.CANCELLED,
    text: /^Call cancelled$/,
    to: () => failure("UNAVAILABLE", "unavailable", "the server, or a proxy before it, cancelled the stream"),
  },
  {
    code: grpcStatus.RESOURCE_EXHAUSTED,
    text: /^Bandwidth exhausted or memory limit exceeded$/,
    to: () =>
      failure("RESOURCE_EXHAUSTED", "overloaded", "the server asks for calm (HTTP/2 ENHANCE_YOUR_CALM)", {
        facts: { again: "once" },
      }),
  },
  {
    code: grpcStatus.PERMISSION_DENIED,
    text: /^Protocol not secure enough$/,
    to: () => failure("UNAVAILABLE", "tls", "the server finds the connection not secure enough"),
  },
  {
    // The peer promises that it has not begun. @see https://www.rfc-editor.org/rfc/rfc9113#name-request-reliability
    code: grpcStatus.UNAVAILABLE,
    text: /^Stream refused by server$/,
    to: ({ input }) => failure("UNAVAILABLE", "unavailable", input, { facts: UNPROCESSED }),
  },
  // grpc-js build/src/load-balancing-call.js: node:http2 refused to open a stream, so nothing was sent.
  {
    code: grpcStatus.INTERNAL,
    text: /^Failed to start HTTP\/2 stream with error (.*)$/s,
    to: ([, reason]) =>
      failure("UNAVAILABLE", "unavailable", `no stream could be opened: ${reason}`, { facts: UNPROCESSED }),
  },
  // grpc-js build/src/resolving-call.js
  {
    code: grpcStatus.DEADLINE_EXCEEDED,
    text: /^Deadline exceeded after ([\d.]+)s(.*)$/s,
    to: ([, seconds, rest], { endpoint }) =>
      failure(
        "DEADLINE_EXCEEDED",
        "timeout",
        `the deadline passed after ${Math.round(Number(seconds) * 1000)} ms, ${phaseOf(rest as string)} ${endpoint}`,
      ),
  },
  // grpc-js build/src/load-balancer-pick-first.js, transport.js
  {
    code: grpcStatus.UNAVAILABLE,
    text: /^No connection established\. Last error: (.*?)\. Resolution note: .*$/s,
    to: ([, reason], context) => toConnectFailure(reason as string, context),
  },
  // grpc-js build/src/resolver-dns.js
  {
    code: grpcStatus.UNAVAILABLE,
    text: /^Name resolution failed for target/,
    to: (_, { endpoint }) =>
      failure("UNAVAILABLE", "unavailable", `the name in ${endpoint} does not resolve`, {
        facts: { delivery: "never", again: "once" },
      }),
  },
  // grpc-js build/src/internal-channel.js
  {
    text: /^Channel (closed before call started|has been shut down)$/,
    to: () => failure("CANCELLED", "closed", "the client was closed"),
  },
  // tensorflow/core/kernels/batching_util/shared_batch_scheduler.h, batch_scheduler_utils
  {
    code: grpcStatus.UNAVAILABLE,
    text: /batch scheduling queue|batch threads are busy/,
    to: ({ input }) => failure("UNAVAILABLE", "overloaded", input, { facts: UNPROCESSED }),
  },
  {
    // A batch as large as this one may never find so much room.
    code: grpcStatus.UNAVAILABLE,
    text: /scheduling capacity is only/,
    to: ({ input }) => failure("UNAVAILABLE", "overloaded", input, { facts: { delivery: "never", again: "once" } }),
  },
  // tensorflow_serving/batching/batching_session.cc
  {
    code: grpcStatus.RESOURCE_EXHAUSTED,
    text: /timeout exceeded while waiting in batching queue/,
    to: ({ input }) => failure("RESOURCE_EXHAUSTED", "overloaded", input, { facts: UNPROCESSED }),
  },
  // tensorflow/core/framework/op_kernel.cc: of the accelerator, most often.
  {
    code: grpcStatus.RESOURCE_EXHAUSTED,
    text: /^OOM when allocating/,
    to: ({ input }) =>
      failure("RESOURCE_EXHAUSTED", "overloaded", input, { facts: { delivery: "answered", again: "once" } }),
  },
  // gRPC C++ src/core/lib/channel/message_size: the server's limit, where ours was not passed.
  {
    code: grpcStatus.RESOURCE_EXHAUSTED,
    text: /larger than max/,
    to: ({ input }) => failure("RESOURCE_EXHAUSTED", "too_large", input),
  },
  // tensorflow_serving/model_servers/server_core.cc: a label that is not there is code 3, not 5.
  {
    code: grpcStatus.INVALID_ARGUMENT,
    text: /^Unrecognized servable version label/,
    to: ({ input }) => failure("INVALID_ARGUMENT", "not_found", input, { facts: UNPROCESSED }),
  },
  {
    code: grpcStatus.UNAVAILABLE,
    text: /^Model labels does not init yet/,
    to: ({ input }) => failure("UNAVAILABLE", "unavailable", input, { facts: UNPROCESSED }),
  },
  // tensorflow_serving/core/basic_manager.cc
  {
    code: grpcStatus.NOT_FOUND,
    text: /^Servable not found/,
    to: ({ input }) => failure("NOT_FOUND", "not_found", input, { facts: UNPROCESSED }),
  },
  // tensorflow_serving/batching/batching_session.cc: another caller's tensor was in the same batch of the server.
  {
    code: grpcStatus.FAILED_PRECONDITION,
    text: /from different tasks/,
    to: ({ input }) => failure("FAILED_PRECONDITION", "precondition", input, { retryable: true }),
  },
];

/** Codes that say more of another try than their kind does. */
const BY_CODE: Readonly<Partial<Record<Code, More>>> = {
  ABORTED: { retryable: true },
  // Nobody here asked for it: the server was told to stop, or stopped the run to unload the version.
  CANCELLED: { retryable: true, facts: { delivery: "maybe", again: "yes" } },
};

/** The failure that the end of a call stands for, with what its trailers ask for. */
export function fromStatus(
  end: EndStatus,
  context: FailureContext,
  trailers: Readonly<Record<string, string>> | undefined,
): ServingError {
  const error = toServingError(toFailure(end, context));
  const wish = retryAfterMs(trailers);
  return wish === undefined ? error : setRetryFacts(error, { retryAfterMs: wish });
}

export function toServingError({ message, facts, ...details }: Failure): ServingError {
  const error = new ServingError(message, details);
  return facts === undefined ? error : setRetryFacts(error, facts);
}

/** Reads the end of a failed call: texts of grpc-js and of the server first, then the code. */
export function toFailure(end: EndStatus, context: FailureContext): Failure {
  const found = readStatus(end, context);
  return { ...found, message: printable(found.message) };
}

function readStatus({ code, details }: EndStatus, context: FailureContext): Failure {
  const text = typeof details === "string" ? details : "";
  if (code === undefined || code === null) {
    // grpc-js drops the reason when it meets a `grpc-encoding` it does not know, or one that was not announced.
    return failure("INTERNAL", "decode", "the reply is compressed in a way that this client cannot read");
  }
  const name = typeof code === "number" ? toStatusName(code) : undefined;
  if (name === undefined || name === "OK") {
    return failure(
      "UNKNOWN",
      "protocol",
      `the server ended the call with the status ${String(code)}, which gRPC does not have`,
    );
  }
  for (const rule of RULES) {
    if (rule.code !== undefined && rule.code !== code) continue;
    const match = rule.text.exec(text);
    const found = match === null ? undefined : rule.to(match, context);
    if (found !== undefined) return found;
  }
  const message = text === "" ? `the server ended the call with ${name}` : text;
  return failure(name, KIND_OF_CODE[name], message, BY_CODE[name]);
}

/** The channel was not ready in time: nothing was sent, so it may be tried again. Not a deadline, hence UNAVAILABLE. */
export function connectTimeoutFailure(endpoint: string, connectTimeoutMs: number): Failure {
  return failure(
    "UNAVAILABLE",
    "timeout",
    `connecting to ${endpoint} took longer than ${connectTimeoutMs} ms (connectTimeoutMs): the peer is silent before or after it accepted`,
    { retryable: true },
  );
}

function fromHttpStatus(status: number): Failure {
  const message = `the peer answered with HTTP status ${status} and without gRPC`;
  switch (status) {
    case 401:
      return failure("UNAUTHENTICATED", "auth", message);
    case 403:
      return failure("PERMISSION_DENIED", "auth", message);
    case 429:
      return failure("UNAVAILABLE", "overloaded", message);
    case 502:
    case 503:
    case 504:
      return failure("UNAVAILABLE", "unavailable", message);
    default:
      return failure("INTERNAL", "protocol", `${message}: ${WRONG_PORT}`);
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc9113#name-error-codes */
function fromReset(code: number, rest: string): Failure {
  switch (code) {
    case 0:
      return failure("INTERNAL", "truncated", "the stream ended without a gRPC status", { retryable: true });
    case 2:
      // The server may or may not have worked on it.
      return failure("INTERNAL", "internal", `the stream was reset with INTERNAL_ERROR${rest}`, {
        retryable: true,
        facts: { delivery: "maybe", again: "once" },
      });
    case 1:
    case 3:
    case 6:
    case 9:
    case 13:
      return failure("INTERNAL", "protocol", `the stream was reset with HTTP/2 error ${code}${rest}`);
    default:
      return failure("UNAVAILABLE", "unavailable", `the stream was reset with HTTP/2 error ${code}${rest}`);
  }
}

function phaseOf(rest: string): string {
  if (rest.includes("waiting for name resolution")) return "while resolving the name in";
  if (rest.includes("Waiting for LB pick")) return "while connecting to";
  return "while waiting for the reply from";
}

/** Whether a length is four printable characters: somebody's HTML or HTTP, read as the head of a message. */
function isText(length: number): boolean {
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (length >>> shift) & 0xff;
    if (!((byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09)) return false;
  }
  return true;
}

type More = Pick<Failure, "retryable" | "facts">;

function failure(code: Code, kind: ErrorKind, message: string, more?: More): Failure {
  return { code, kind, message, ...more };
}
