import { describe, expect, it } from "vitest";
import { toFailure } from "../../../src/grpc/error.ts";

const CONTEXT = { endpoint: "grpc://h:8500", secure: false, maxMessageBytes: 64 };

function read(code: unknown, details: unknown, more: object = {}) {
  return toFailure({ code, details }, { ...CONTEXT, ...more });
}

describe("toFailure", () => {
  it.each([
    [1, "Cancelled by the model", "CANCELLED", "cancelled", undefined],
    [1, "Call cancelled", "UNAVAILABLE", "unavailable", undefined],
    [2, "boom", "UNKNOWN", "internal", undefined],
    [3, "Task size 50 is larger than maximum input batch size 32", "INVALID_ARGUMENT", "invalid", undefined],
    [3, "Unrecognized servable version label: x", "INVALID_ARGUMENT", "not_found", undefined],
    [4, "slow", "DEADLINE_EXCEEDED", "timeout", undefined],
    [5, "Servable not found for request: Latest(m)", "NOT_FOUND", "not_found", undefined],
    [6, "", "ALREADY_EXISTS", "precondition", undefined],
    [7, "no", "PERMISSION_DENIED", "auth", undefined],
    [7, "Protocol not secure enough", "UNAVAILABLE", "tls", undefined],
    [8, "Server Threadpool Exhausted", "RESOURCE_EXHAUSTED", "overloaded", undefined],
    [8, "Run() timeout exceeded while waiting in batching queue", "RESOURCE_EXHAUSTED", "overloaded", undefined],
    [8, "SERVER: Received message larger than max (9 vs. 4)", "RESOURCE_EXHAUSTED", "too_large", undefined],
    [8, "Bandwidth exhausted or memory limit exceeded", "RESOURCE_EXHAUSTED", "overloaded", undefined],
    [9, 'Serving signature key "x" not found.', "FAILED_PRECONDITION", "precondition", undefined],
    [
      9,
      "Tensors with name 'x' from different tasks have different shapes",
      "FAILED_PRECONDITION",
      "precondition",
      true,
    ],
    [10, "", "ABORTED", "internal", true],
    [11, "", "OUT_OF_RANGE", "invalid", undefined],
    [12, "unknown method", "UNIMPLEMENTED", "unsupported", undefined],
    [12, "No message received", "INTERNAL", "protocol", undefined],
    [12, "Too many responses received", "INTERNAL", "protocol", undefined],
    [13, "Failed to decompress gzip-encoded message", "INTERNAL", "decode", undefined],
    [13, "Received RST_STREAM with code 0 (Call ended without gRPC status)", "INTERNAL", "truncated", true],
    [13, "Received RST_STREAM with code 2 (Internal server error)", "INTERNAL", "internal", true],
    [
      13,
      "Received RST_STREAM with code 2 triggered by internal client error: Session closed with error code 2",
      "UNAVAILABLE",
      "unavailable",
      undefined,
    ],
    [13, "Received RST_STREAM with code 1", "INTERNAL", "protocol", undefined],
    [13, "Received RST_STREAM with code 5", "UNAVAILABLE", "unavailable", undefined],
    [14, "Connection dropped", "UNAVAILABLE", "unavailable", undefined],
    [14, "Stream refused by server", "UNAVAILABLE", "unavailable", undefined],
    [14, "The batch scheduling queue to which this task was submitted is full", "UNAVAILABLE", "overloaded", undefined],
    [14, "Received HTTP status code 503", "UNAVAILABLE", "unavailable", undefined],
    [14, "Received HTTP status code 429", "UNAVAILABLE", "overloaded", undefined],
    [12, "Received HTTP status code 404", "INTERNAL", "protocol", undefined],
    [15, "", "DATA_LOSS", "internal", undefined],
    [16, "token", "UNAUTHENTICATED", "auth", undefined],
    [16, "Received HTTP status code 401", "UNAUTHENTICATED", "auth", undefined],
  ])("reads status %i %j as %s, %s", (code, details, expected, kind, retryable) => {
    expect(read(code, details)).toMatchObject({
      code: expected,
      kind,
      ...(retryable === undefined ? {} : { retryable }),
    });
  });

  it("names both sizes and the option for a reply above the limit", () => {
    expect(read(8, "Received message larger than max (100 vs 64)")).toEqual({
      code: "RESOURCE_EXHAUSTED",
      kind: "too_large",
      message: "the reply has 100 bytes, the limit is 64 (maxMessageBytes)",
    });
    expect(read(8, "Received message that decompresses to a size larger than 64").kind).toBe("too_large");
  });

  it("sees text behind a length that is four letters", () => {
    // 0x68746d6c is "html", 0x54502f31 is "TP/1"
    for (const length of [1752460652, 0x54502f31]) {
      expect(read(8, `Received message larger than max (${length} vs 64)`)).toMatchObject({
        kind: "protocol",
        message: expect.stringContaining("8500"),
      });
    }
  });

  it("never trusts the code", () => {
    for (const code of [99, -1, 1.5, Number.NaN, "5"]) {
      expect(read(code, "x")).toMatchObject({ code: "UNKNOWN", kind: "protocol" });
    }
    expect(read(undefined, undefined)).toMatchObject({ code: "INTERNAL", kind: "decode" });
  });

  it("escapes and cuts what the server says", () => {
    const { message } = read(5, `a\r\n\u001b[31m${"x".repeat(5000)}`);
    expect(message.startsWith("a\\x0d\\x0a\\x1b[31mx")).toBe(true);
    expect(message.length).toBeLessThan(2100);
  });

  it("tells in which phase the deadline passed", () => {
    expect(read(4, "Deadline exceeded after 1.501s,Waiting for LB pick").message).toBe(
      "the deadline passed after 1501 ms, while connecting to grpc://h:8500",
    );
    expect(read(4, "Deadline exceeded after 0.020s,remote_addr=1.2.3.4:5").message).toBe(
      "the deadline passed after 20 ms, while waiting for the reply from grpc://h:8500",
    );
  });

  it("reads why no connection came about", () => {
    const connect = (reason: string, more = {}) =>
      read(14, `No connection established. Last error: ${reason}. Resolution note: `, more);
    expect(connect("Error: connect ECONNREFUSED 127.0.0.1:1")).toEqual({
      code: "UNAVAILABLE",
      kind: "unavailable",
      message: "no connection to grpc://h:8500: connect ECONNREFUSED 127.0.0.1:1",
      facts: { delivery: "never" },
    });
    expect(connect("Protocol error (2026-11-23T03:17:41.788Z)")).toMatchObject({
      kind: "protocol",
      message: expect.stringContaining("is this the REST port (gRPC is usually 8500, REST 8501)"),
    });
    const expired = Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" });
    expect(connect("Error: certificate has expired", { handshakeError: expired, secure: true })).toMatchObject({
      kind: "tls",
      message: "TLS to grpc://h:8500 failed: certificate has expired (CERT_HAS_EXPIRED)",
    });
  });
});
