import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compress, decompress, isCompressed } from "../../../src/rest/compression.ts";
import { failure } from "./fixture.ts";

const LIMIT = 64 << 20;

describe("compress", () => {
  it("makes one gzip member", async () => {
    expect(gunzipSync(await compress(Buffer.from("hello"))).toString()).toBe("hello");
  });

  it("refuses more than the server inflates", async () => {
    const error = await failure(() => compress(Buffer.allocUnsafe((100 << 20) + 1)));
    expect(error.kind).toBe("too_large");
    expect(error.rawMessage).toContain("104857601 bytes, the server takes 104857600 at most");
  });
});

describe("isCompressed", () => {
  it.each([
    [undefined, false],
    ["", false],
    ["identity", false],
    ["Identity", false],
    ["gzip", true],
    ["br", true],
  ])("says of %s: %s", (encoding, expected) => {
    expect(isCompressed(encoding)).toBe(expected);
  });
});

describe("decompress", () => {
  it.each(["gzip", "x-gzip", "GZIP"])("inflates %s", async (encoding) => {
    expect((await decompress(gzipSync("hello"), encoding, LIMIT, false)).toString()).toBe("hello");
  });

  it("takes what grows a lot while it is small", async () => {
    expect(await decompress(gzipSync(Buffer.alloc(1 << 20)), "gzip", LIMIT, false)).toHaveLength(1 << 20);
  });

  it.each([
    ["the limit", 1000, Buffer.from("x".repeat(1001))],
    ["200 times its size", LIMIT, Buffer.alloc(4 << 20)],
  ])("refuses more than %s", async (_, limit, content) => {
    const error = await failure(() => decompress(gzipSync(content), "gzip", limit, false));
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", kind: "too_large" });
  });

  it("tells a cut body from a wrong one by how it ended", async () => {
    const cut = gzipSync("hello hello hello").subarray(0, 15);
    expect(await failure(() => decompress(cut, "gzip", LIMIT, true))).toMatchObject({
      kind: "truncated",
      retryable: true,
    });
    expect(await failure(() => decompress(cut, "gzip", LIMIT, false))).toMatchObject({ kind: "decode" });
    expect(await failure(() => decompress(Buffer.from("hello"), "gzip", LIMIT, true))).toMatchObject({
      kind: "decode",
    });
  });

  it("names an encoding it does not read", async () => {
    const error = await failure(() => decompress(Buffer.alloc(1), "br", LIMIT, false));
    expect(error).toMatchObject({ kind: "decode" });
    expect(error.rawMessage).toContain('"br"');
  });
});
