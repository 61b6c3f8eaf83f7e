import { type Failure, type FailureContext, UNPROCESSED } from "./failure.ts";

/** What node:http2 says when the first bytes of a peer are no HTTP/2 frame. */
const NOT_HTTP2 = /^Protocol error|FRAME_SIZE_ERROR|NGHTTP2|ERR_HTTP2/;
const TLS = /SSL routines|SSL alert|certificate|ERR_TLS|ERR_SSL|\bTLS\b/i;

/**
 * Why no connection came about: from the text that grpc-js keeps of the last attempt, and from Node's own TLS error
 * where there was one.
 */
export function toConnectFailure(lastError: string, context: FailureContext): Failure {
  const reason = lastError.replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/, "").replace(/^Error: /, "");
  const handshake = readHandshake(reason, context);
  if (handshake !== undefined) return handshake;
  if (NOT_HTTP2.test(reason)) {
    const hint = context.secure
      ? "it speaks TLS but not HTTP/2"
      : "it does not answer in HTTP/2: is this the REST port (gRPC is usually 8500, REST 8501), or does it want TLS (grpcs://)?";
    return { code: "UNAVAILABLE", kind: "protocol", message: `${context.endpoint}: ${hint}` };
  }
  if (TLS.test(reason)) return tls(context, opensslReason(reason));
  if (/^Failed to connect$/.test(reason)) {
    const hint = context.secure ? "" : " (does it want TLS, grpcs://?)";
    return unavailable(context, `the peer closed the connection before it spoke HTTP/2${hint}`);
  }
  return unavailable(context, reason);
}

function readHandshake(reason: string, context: FailureContext): Failure | undefined {
  const error = context.handshakeError;
  if (!(error instanceof Error) || !reason.includes(error.message)) return undefined;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)) {
    return tls(context, "the peer does not speak TLS on this port (without TLS it is grpc://)");
  }
  if (/NO_APPLICATION_PROTOCOL/.test(code)) {
    const hint = "it speaks TLS but not HTTP/2: is this the port of an HTTPS server?";
    return { code: "UNAVAILABLE", kind: "protocol", message: `${context.endpoint}: ${hint}` };
  }
  // A connection that breaks in the middle of the handshake is no verdict on anybody's certificate.
  if (/^(ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code)) return undefined;
  const words = opensslReason(error.message);
  return tls(context, code === "" ? words : `${words} (${code})`);
}

/** OpenSSL's own message is a line of its source (`8032…:error:0A00045C:SSL routines:function:reason:file:line:…`). */
function opensslReason(text: string): string {
  const reason = /:SSL routines:[^:]*:([^:]+):/.exec(text)?.[1] ?? text;
  return reason.includes("certificate required")
    ? `it asks for a client certificate (tls.cert, tls.key): ${reason}`
    : reason;
}

function tls({ endpoint }: FailureContext, reason: string): Failure {
  return { code: "UNAVAILABLE", kind: "tls", message: `TLS to ${endpoint} failed: ${reason}` };
}

function unavailable({ endpoint }: FailureContext, reason: string): Failure {
  return {
    code: "UNAVAILABLE",
    kind: "unavailable",
    message: `no connection to ${endpoint}: ${reason}`,
    facts: UNPROCESSED,
  };
}
