import { extendMessage } from "../errors/annotate.ts";
import { closedError } from "../errors/closed.ts";
import { tooLargeError } from "../errors/decode-error.ts";
import { type RetryFacts, retryFactsOf, setRetryFacts } from "../errors/retry-facts.ts";
import { ServingError, type ServingErrorDetails } from "../errors/serving-error.ts";
import { ConnectPostponed } from "./connect-pace.ts";
import { peerText } from "./peer-text.ts";

const PORTS = "gRPC is usually on port 8500 and REST on 8501";

/** Nobody there: nothing was sent. */
const NOT_CONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name does not resolve for now",
  ENETUNREACH: "the network cannot be reached",
  EHOSTUNREACH: "the host cannot be reached",
  EHOSTDOWN: "the host is down",
  EADDRNOTAVAIL: "no local address is free",
  ENOENT: "there is no socket at this path",
  EACCES: "the socket may not be opened",
};

/** undici's parser errors carry no code of their own in this version; the name tells them. */
const PARSER_ERROR = "HTTPParserError";
const CUT_MESSAGE = "HTTPParserError: end of stream";

/** A connection that ended while something was expected of it. */
const CUT: readonly string[] = [
  "ECONNRESET",
  "EPIPE",
  "ECONNABORTED",
  "ENOTCONN",
  "UND_ERR_SOCKET",
  "UND_ERR_INFO",
  "UND_ERR_ABORTED",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  CUT_MESSAGE,
];

const NOT_SENT: Partial<RetryFacts> = { delivery: "never" };
/** Resolvers stumble now and then; a name that is not there twice is not there. */
const UNKNOWN_NAME: Partial<RetryFacts> = { delivery: "never", again: "once" };

const TIMEOUTS: readonly string[] = ["ETIMEDOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"];

/** Where a request went, as far as a failure's text and kind go by it. */
export interface Peer {
  readonly endpoint: string;
  /** TLS is spoken, and no certificate of the client's own was at hand. */
  readonly anonymousTls: boolean;
  /** The request went out on a connection that had served before, and not one byte came back. */
  readonly wasIdle?: boolean;
  /** How long no further connection is tried, in milliseconds. @default 0 */
  readonly pauseMs?: number;
}

/**
 * The failure that undici or a socket reports before a reply was complete. The text names the endpoint and the reason,
 * never what was sent or received.
 */
export function fromSocketError(error: unknown, peer: Peer): ServingError {
  if (error instanceof ServingError) return error;
  const { pauseMs = 0 } = peer;
  const postponed = error instanceof ConnectPostponed;
  const failure = read(postponed ? error.cause : error, peer);
  if (postponed) {
    extendMessage(failure, `; the next connection is tried in ${Math.ceil(pauseMs)} ms`);
    setRetryFacts(failure, { delivery: "never" });
  }
  // Sooner, a retry here would fail without having tried anything.
  const { delivery } = retryFactsOf(failure);
  return delivery === "never" && pauseMs > 0 ? setRetryFacts(failure, { retryAfterMs: pauseMs }) : failure;
}

function read(error: unknown, { endpoint, anonymousTls, wasIdle }: Peer): ServingError {
  const code = codeOf(error);
  const fail = (text: string, details: Pick<ServingErrorDetails, "code" | "kind" | "retryable">) =>
    new ServingError(text, { ...details, cause: withoutPayload(error) });
  const reason = notConnected(code, error);
  if (reason !== undefined) {
    const failure = fail(`no connection to ${endpoint}: ${reason} (${code})`, {
      code: "UNAVAILABLE",
      kind: "unavailable",
    });
    return setRetryFacts(failure, code === "ENOTFOUND" ? UNKNOWN_NAME : NOT_SENT);
  }
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    return fail(`no connection to ${endpoint} in time: ${peerText(messageOf(error))}`, {
      code: "UNAVAILABLE",
      kind: "timeout",
      retryable: true,
    });
  }
  const tls = tlsReason(code, error) ?? (anonymousTls && isSilentEnd(error) ? SILENT_END : undefined);
  if (tls !== undefined) return fail(`TLS to ${endpoint} failed: ${tls}`, { code: "UNAVAILABLE", kind: "tls" });
  if (CUT.includes(code)) {
    const failure = fail(`the connection to ${endpoint} ended before the reply was complete (${code})`, {
      code: "UNAVAILABLE",
      kind: "unavailable",
    });
    return wasIdle ? setRetryFacts(failure, { stale: true }) : failure;
  }
  if (code === PARSER_ERROR || code === "UND_ERR_HEADERS_OVERFLOW") {
    return fail(`${endpoint} does not answer in HTTP/1.1 (${code}): ${otherProtocol(error)}`, {
      code: "UNAVAILABLE",
      kind: "protocol",
    });
  }
  if (TIMEOUTS.includes(code)) {
    const failure = fail(`${endpoint} did not answer in time (${code})`, {
      code: "DEADLINE_EXCEEDED",
      kind: "timeout",
      retryable: true,
    });
    return setRetryFacts(failure, { again: "yes" });
  }
  if (code === "UND_ERR_CLOSED" || code === "UND_ERR_DESTROYED") return closedError("the client was closed");
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    return tooLargeError("the reply is larger than the dispatcher allows", { cause: error });
  }
  return fail(`the request to ${endpoint} failed${code === "" ? "" : ` (${code})`}`, {
    code: "UNKNOWN",
    kind: "internal",
  });
}

/** Why no connection came about, where that is what failed. */
function notConnected(code: string, error: unknown): string | undefined {
  if (Object.hasOwn(NOT_CONNECTED, code)) return NOT_CONNECTED[code];
  if (code !== "ETIMEDOUT") return undefined;
  const { syscall } = error as { readonly syscall?: unknown };
  return syscall === "connect" ? "nobody answered" : undefined;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && error.name === PARSER_ERROR) {
    return error.message.includes("Invalid EOF state") ? CUT_MESSAGE : PARSER_ERROR;
  }
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** A parser error carries the bytes it stumbled over, which may be a payload. */
function withoutPayload(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== PARSER_ERROR) return error;
  const cause = new Error(error.message);
  cause.name = PARSER_ERROR;
  return cause;
}

/**
 * Whether a connection ended before the first byte of its first reply. Under TLS 1.3 a handshake is over for the client
 * before the server looks at its certificate, and a server that misses one may close without a word.
 */
function isSilentEnd(error: unknown): boolean {
  const { socket } = error as { readonly socket?: { readonly bytesRead?: unknown } };
  return codeOf(error) === "UND_ERR_SOCKET" && socket?.bytesRead === 0;
}

const SILENT_END = "the peer closed the connection without a reply; does it ask for a client certificate (cert, key)?";

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

/** Names of OpenSSL's verdicts on certificates, as Node gives them for a code. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|CRL_/;

function tlsReason(code: string, error: unknown): string | undefined {
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code)) {
    return `the peer does not speak TLS on this port, plain HTTP has http: in its address (${code})`;
  }
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code === "EPROTO" || CERTIFICATE.test(code)) {
    const { reason } = error as { readonly reason?: unknown };
    // OpenSSL's own message is a line of its source; the reason is what it means.
    return `${peerText(typeof reason === "string" && reason !== "" ? reason : messageOf(error), 300)} (${code})`;
  }
  return undefined;
}

/** What the peer's first bytes look like, where the parser kept them. */
function otherProtocol(error: unknown): string {
  const { data } = error as { readonly data?: unknown };
  const bytes = typeof data === "string" ? Buffer.from(data) : Buffer.isBuffer(data) ? data : Buffer.alloc(0);
  // A TLS alert: type 21, version 3.x.
  if (bytes[0] === 21 && bytes[1] === 3) return "it wants TLS, use https:";
  return `is this the gRPC port? ${PORTS}`;
}
