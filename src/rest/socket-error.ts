import { closedError } from "../errors/closed.ts";
import { tooLargeError } from "../errors/decode-error.ts";
import { ServingError, type ServingErrorDetails } from "../errors/serving-error.ts";
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
  "HPE_INVALID_EOF_STATE",
];

const TIMEOUTS: readonly string[] = ["ETIMEDOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"];

/**
 * The failure that undici or a socket reports before a reply was complete. `endpoint` is for the text, which names the
 * reason and never what was sent.
 */
export function fromSocketError(error: unknown, endpoint: string): ServingError {
  if (error instanceof ServingError) return error;
  const code = codeOf(error);
  const fail = (text: string, details: Pick<ServingErrorDetails, "code" | "kind" | "retryable">) =>
    new ServingError(text, { ...details, cause: error });
  if (Object.hasOwn(NOT_CONNECTED, code)) {
    return fail(`no connection to ${endpoint}: ${NOT_CONNECTED[code]} (${code})`, {
      code: "UNAVAILABLE",
      kind: "unavailable",
    });
  }
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    return fail(`no connection to ${endpoint} in time: ${peerText(messageOf(error))}`, {
      code: "UNAVAILABLE",
      kind: "timeout",
      retryable: true,
    });
  }
  const tls = tlsReason(code, messageOf(error));
  if (tls !== undefined) return fail(`TLS to ${endpoint} failed: ${tls}`, { code: "UNAVAILABLE", kind: "tls" });
  if (CUT.includes(code)) {
    return fail(`the connection to ${endpoint} ended before the reply was complete (${code})`, {
      code: "UNAVAILABLE",
      kind: "unavailable",
    });
  }
  if (code.startsWith("HPE_") || code === "UND_ERR_HEADERS_OVERFLOW") {
    return fail(`${endpoint} does not answer in HTTP/1.1 (${code}): ${otherProtocol(error)}`, {
      code: "UNAVAILABLE",
      kind: "protocol",
    });
  }
  if (TIMEOUTS.includes(code)) {
    return fail(`${endpoint} did not answer in time (${code})`, {
      code: "DEADLINE_EXCEEDED",
      kind: "timeout",
      retryable: true,
    });
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

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

/** Names of OpenSSL's verdicts on certificates, as Node gives them for a code. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|CRL_/;

function tlsReason(code: string, message: string): string | undefined {
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code)) {
    return `the peer does not speak TLS on this port, plain HTTP has http: in its address (${code})`;
  }
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code === "EPROTO" || CERTIFICATE.test(code)) {
    return `${peerText(message, 300)} (${code})`;
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
