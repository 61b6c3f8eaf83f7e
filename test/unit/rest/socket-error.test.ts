import { describe, expect, it } from "vitest";
import { retryFactsOf } from "../../../src/errors/retry-facts.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { ConnectPostponed } from "../../../src/rest/connect-pace.ts";
import { fromSocketError } from "../../../src/rest/socket-error.ts";

const PEER = { endpoint: "http://h:8501", anonymousTls: false };

function coded(code: string, message = "text", more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}

describe("fromSocketError", () => {
  it.each([
    ["ECONNREFUSED", "UNAVAILABLE", "unavailable", true],
    ["ENOTFOUND", "UNAVAILABLE", "unavailable", true],
    ["EAI_AGAIN", "UNAVAILABLE", "unavailable", true],
    ["EHOSTUNREACH", "UNAVAILABLE", "unavailable", true],
    ["ENETUNREACH", "UNAVAILABLE", "unavailable", true],
    ["UND_ERR_CONNECT_TIMEOUT", "UNAVAILABLE", "timeout", true],
    ["ECONNRESET", "UNAVAILABLE", "unavailable", true],
    ["EPIPE", "UNAVAILABLE", "unavailable", true],
    ["UND_ERR_SOCKET", "UNAVAILABLE", "unavailable", true],
    ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "UNAVAILABLE", "unavailable", true],
    ["UND_ERR_HEADERS_TIMEOUT", "DEADLINE_EXCEEDED", "timeout", true],
    ["ETIMEDOUT", "DEADLINE_EXCEEDED", "timeout", true],
    ["UND_ERR_HEADERS_OVERFLOW", "UNAVAILABLE", "protocol", false],
    ["UND_ERR_DESTROYED", "CANCELLED", "closed", false],
    ["UND_ERR_RES_EXCEEDED_MAX_SIZE", "RESOURCE_EXHAUSTED", "too_large", false],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "UNAVAILABLE", "tls", false],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNAVAILABLE", "tls", false],
    ["CERT_HAS_EXPIRED", "UNAVAILABLE", "tls", false],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "UNAVAILABLE", "tls", false],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "UNAVAILABLE", "tls", false],
    ["EPROTO", "UNAVAILABLE", "tls", false],
    ["SOMETHING_ELSE", "UNKNOWN", "internal", false],
  ])("reads %s as %s, %s", (errno, code, kind, retryable) => {
    const cause = coded(errno);
    const error = fromSocketError(cause, PEER);
    expect(error).toMatchObject({ code, kind, retryable });
    if (kind !== "closed") expect(error.cause).toBe(cause);
  });

  it("shows OpenSSL's reason and not its line of source", () => {
    const error = fromSocketError(
      coded("ERR_SSL_X", "0:error:0A:SSL routines:f:..", { reason: "alert handshake" }),
      PEER,
    );
    expect(error.rawMessage).toBe("TLS to http://h:8501 failed: alert handshake (ERR_SSL_X)");
  });

  it("takes a silent end for a missing client certificate only where one may be missing", () => {
    const silent = coded("UND_ERR_SOCKET", "other side closed", { socket: { bytesRead: 0 } });
    expect(fromSocketError(silent, { ...PEER, anonymousTls: true })).toMatchObject({ kind: "tls", retryable: false });
    expect(fromSocketError(silent, PEER).kind).toBe("unavailable");
    const later = coded("UND_ERR_SOCKET", "other side closed", { socket: { bytesRead: 9 } });
    expect(fromSocketError(later, { ...PEER, anonymousTls: true }).kind).toBe("unavailable");
  });

  it("keeps the bytes that a parser stumbled over out of the error", () => {
    const parser = Object.assign(new Error("Expected HTTP/"), { name: "HTTPParserError", data: "secret payload" });
    const error = fromSocketError(parser, PEER);
    expect(error.kind).toBe("protocol");
    expect(Object.values(error.cause as object)).not.toContain("secret payload");
    expect((error.cause as Error).message).toBe("Expected HTTP/");
  });

  it("leaves errors that are ready as they are", () => {
    const ready = new ServingError("x", { code: "INTERNAL", kind: "decode" });
    expect(fromSocketError(ready, PEER)).toBe(ready);
  });

  it("reports what is no error at all", () => {
    expect(fromSocketError(undefined, PEER)).toMatchObject({ code: "UNKNOWN", kind: "internal" });
  });

  it("says of a connect that was not tried what the last one failed with, and when the next is tried", () => {
    const error = fromSocketError(new ConnectPostponed(coded("ECONNREFUSED")), { ...PEER, pauseMs: 480.2 });
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "unavailable", retryable: true });
    expect(error.message).toBe(
      "[UNAVAILABLE] no connection to http://h:8501: the connection was refused (ECONNREFUSED); the next connection is tried in 481 ms",
    );
    expect(retryFactsOf(error)).toMatchObject({ delivery: "never", again: "yes", retryAfterMs: 480.2 });
  });

  it("knows that a connect that was not tried has sent nothing, whatever the last one ended with", () => {
    const error = fromSocketError(new ConnectPostponed(coded("ECONNRESET")), { ...PEER, pauseMs: 1 });
    expect(retryFactsOf(error).delivery).toBe("never");
  });

  it("asks for a retry where a connection is tried again, of what was not sent alone", () => {
    const wait = (code: string, pauseMs: number) =>
      retryFactsOf(fromSocketError(coded(code), { ...PEER, pauseMs })).retryAfterMs;
    expect(wait("ECONNREFUSED", 700)).toBe(700);
    expect(wait("ECONNREFUSED", 0)).toBeUndefined();
    expect(wait("UND_ERR_CONNECT_TIMEOUT", 700)).toBe(700);
    expect(wait("ECONNRESET", 700)).toBeUndefined();
  });
});
