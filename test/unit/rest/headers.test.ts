import { describe, expect, it } from "vitest";
import { fromResponseHeaders, toRequestHeaders } from "../../../src/rest/headers.ts";
import { failure } from "./fixture.ts";

const PLAIN = { hasBody: false, gzip: false };

function pairs(flat: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < flat.length; index += 2) headers[flat[index]!] = flat[index + 1]!;
  return headers;
}

describe("toRequestHeaders", () => {
  it("adds what REST needs to what the caller sends", () => {
    expect(pairs(toRequestHeaders({ authorization: "Bearer t" }, PLAIN))).toEqual({
      authorization: "Bearer t",
      "user-agent": expect.stringMatching(/^tfserving-node\/\d+\.\d+\.\d+/),
      accept: "application/json",
      "accept-encoding": "identity",
    });
  });

  it("names the form of the body", () => {
    expect(pairs(toRequestHeaders({}, { hasBody: true, gzip: true }))).toMatchObject({
      "content-type": "application/json",
      "content-encoding": "gzip",
      "accept-encoding": "gzip",
    });
    expect(pairs(toRequestHeaders({}, { hasBody: false, gzip: true }))).not.toHaveProperty("content-encoding");
  });

  it("lets the caller name itself", () => {
    const headers = toRequestHeaders({ "user-agent": "mine/1", accept: "application/json;q=1" }, PLAIN);
    expect(headers.filter((name) => name === "user-agent")).toHaveLength(1);
    expect(pairs(headers)).toMatchObject({ "user-agent": "mine/1", accept: "application/json;q=1" });
  });

  it.each([
    "connection",
    "content-length",
    "content-type",
    "content-encoding",
    "host",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "keep-alive",
    "proxy-connection",
    "Host",
  ])("refuses %s, which the client writes itself", async (name) => {
    expect((await failure(() => toRequestHeaders({ [name]: "x" }, PLAIN))).rawMessage).toBe(
      `header "${name}" is written by the client itself`,
    );
  });

  it.each(["a\rb", "a\nb", "a\0b", "入", "\u007f"])("refuses the value %j without showing it", async (value) => {
    const error = await failure(() => toRequestHeaders({ "x-a": value }, PLAIN));
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.rawMessage).toBe('header "x-a" holds a character that HTTP does not allow in a value');
  });

  it("takes Latin-1 and tabs", () => {
    expect(pairs(toRequestHeaders({ "x-a": "é\tb" }, PLAIN))["x-a"]).toBe("é\tb");
  });

  it.each(["", "a b", "a:b", "é", "a\r\nb"])("refuses the name %j", async (name) => {
    expect((await failure(() => toRequestHeaders({ [name]: "x" }, PLAIN))).code).toBe("INVALID_ARGUMENT");
  });
});

describe("fromResponseHeaders", () => {
  it("joins repeated ones and has no prototype", () => {
    const headers = fromResponseHeaders({ "Set-Cookie": ["a", "b"], "x-a": "1", gone: undefined });
    expect({ ...headers }).toEqual({ "set-cookie": "a, b", "x-a": "1" });
    expect(Object.getPrototypeOf(headers)).toBe(null);
  });
});
