import { describe, expect, it } from "vitest";
import { fromReply, notJson } from "../../../src/rest/error.ts";

function from(status: number, body: string | Buffer, headers: Record<string, string> = {}) {
  return fromReply({ status, headers, body: Buffer.from(body), requestPath: "/v1/models/m:predict" });
}

const said = (text: string) => `{\n    "error": ${JSON.stringify(text)}\n}`;

describe("fromReply, in the server's words", () => {
  it.each([
    [400, "INVALID_ARGUMENT", "invalid", false],
    [401, "UNAUTHENTICATED", "auth", false],
    [403, "PERMISSION_DENIED", "auth", false],
    [404, "NOT_FOUND", "not_found", false],
    [409, "ABORTED", "internal", false],
    [429, "RESOURCE_EXHAUSTED", "overloaded", true],
    [499, "CANCELLED", "cancelled", false],
    [500, "INTERNAL", "internal", false],
    [501, "UNIMPLEMENTED", "unsupported", false],
    [503, "UNAVAILABLE", "unavailable", true],
    [504, "DEADLINE_EXCEEDED", "timeout", false],
    [418, "INVALID_ARGUMENT", "protocol", false],
    [599, "UNAVAILABLE", "unavailable", true],
  ])("reads %d as %s", (status, code, kind, retryable) => {
    expect(from(status, said("why"))).toMatchObject({ code, kind, retryable, rawMessage: "why" });
  });

  it.each([
    [
      503,
      "The batch scheduling queue to which this task was submitted is full; queue_size: 1",
      "UNAVAILABLE",
      "overloaded",
    ],
    [503, "all batch threads are busy", "UNAVAILABLE", "overloaded"],
    [503, "Model labels does not init yet.", "UNAVAILABLE", "unavailable"],
    [400, "Unrecognized servable version label: canary", "INVALID_ARGUMENT", "not_found"],
    [400, "Tensors with name 'x' from different tasks have different shapes", "FAILED_PRECONDITION", "precondition"],
    [400, "Batched output tensor has 0 dimensions", "FAILED_PRECONDITION", "precondition"],
    [400, "Table not initialized.", "FAILED_PRECONDITION", "precondition"],
    [400, "End of sequence", "OUT_OF_RANGE", "invalid"],
  ])("tells by the text which code %d was: %s", (status, text, code, kind) => {
    expect(from(status, said(text))).toMatchObject({ code, kind });
  });

  it("lets a shape collision in the server's batch be sent again: it was another caller's", () => {
    expect(from(400, said("Tensors with name 'x' from different tasks have different shapes")).retryable).toBe(true);
  });

  it("keeps 2048 characters and shows control characters as escapes", () => {
    const error = from(400, said(`\u001b[31mred\n${"x".repeat(5000)}`));
    expect(error.rawMessage.startsWith("\\u001b[31mred\\nxxx")).toBe(true);
    expect(error.rawMessage.length).toBeLessThan(2100);
  });

  it("reads bytes that are not UTF-8", () => {
    const body = Buffer.concat([Buffer.from('{"error": "a'), Buffer.from([0xff]), Buffer.from('b"}')]);
    expect(from(400, body).rawMessage).toBe("a\ufffdb");
  });

  it("says so when the server gave no text", () => {
    expect(from(400, said("")).rawMessage).toBe("HTTP 400 without a text");
  });
});

describe("fromReply, in another's words", () => {
  it.each([
    [400, "INVALID_ARGUMENT", "invalid", false],
    [404, "NOT_FOUND", "protocol", false],
    [405, "UNIMPLEMENTED", "protocol", false],
    [407, "UNAUTHENTICATED", "auth", false],
    [408, "DEADLINE_EXCEEDED", "timeout", true],
    [413, "RESOURCE_EXHAUSTED", "too_large", false],
    [429, "RESOURCE_EXHAUSTED", "overloaded", true],
    [500, "INTERNAL", "internal", false],
    [502, "UNAVAILABLE", "unavailable", true],
    [503, "UNAVAILABLE", "unavailable", true],
    [504, "DEADLINE_EXCEEDED", "timeout", true],
    [520, "UNAVAILABLE", "unavailable", true],
  ])("reads %d as %s", (status, code, kind, retryable) => {
    const error = from(status, "<html><body>Oh no</body></html>");
    expect(error).toMatchObject({ code, kind, retryable });
    expect(error.rawMessage).toContain(`HTTP ${status}, not in the server's words: "<html><body>Oh no</body></html>"`);
  });

  it("hints at the port where the path is not known", () => {
    expect(from(404, "<h1>Not Found</h1>").rawMessage).toContain("gRPC is usually on port 8500 and REST on 8501");
  });

  it("shows at most 200 characters of a page", () => {
    const { rawMessage } = from(503, `  <p>\n\n${"y".repeat(10_000)}`);
    expect(rawMessage).toContain('"<p> yyy');
    expect(rawMessage.length).toBeLessThan(300);
  });

  it.each(['{"error": 7}', '{"message": "x"}', '["error"]', '{"error": "cut'])("takes %s for another's", (body) => {
    expect(from(500, body).rawMessage).toContain("not in the server's words");
  });

  it("says that a body is empty", () => {
    expect(from(400, "").rawMessage).toBe("HTTP 400, not in the server's words: an empty body");
  });
});

describe("fromReply, redirected", () => {
  it.each([
    ["https://u:p@other.invalid/v1/x?token=t#f", "https://other.invalid/v1/x"],
    ["/login?next=secret", "/login"],
    ["../x", "/v1/x"],
  ])("names %s without what may be secret", (location, shown) => {
    const error = from(302, "", { location });
    expect(error).toMatchObject({ code: "INTERNAL", kind: "protocol", retryable: false });
    expect(error.rawMessage).toBe(`HTTP 302: a redirect to ${shown}, which is never followed; is the address right?`);
  });

  it.each([undefined, "http://["])("names nothing for the location %s", (location) => {
    expect(from(301, "", location === undefined ? {} : { location }).rawMessage).toContain("a redirect, which");
  });
});

describe("notJson", () => {
  it("shows the beginning and hints at the port", () => {
    expect(notJson(Buffer.from("<html>")).rawMessage).toBe(
      `HTTP 200 without JSON: "<html>"; is this TensorFlow Serving's REST port? gRPC is usually on port 8500 and REST on 8501`,
    );
  });
});
