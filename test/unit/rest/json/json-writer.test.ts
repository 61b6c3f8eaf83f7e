import { describe, expect, it } from "vitest";
import { JsonWriter } from "../../../../src/rest/json/json-writer.ts";
import { putNested } from "../../../../src/rest/json/put-nested.ts";
import { putInt32 } from "../../../../src/rest/json/put-number.ts";

function written(write: (writer: JsonWriter) => void, maxBytes = 1 << 20): string {
  const writer = new JsonWriter(maxBytes);
  write(writer);
  return writer.take().toString("utf8");
}

describe("JsonWriter", () => {
  it.each(["plain", "", 'q"uo\\te', "línea\n\u0001", "入力", "😀", "__proto__", "a".repeat(100)])(
    "escapes the key %j so that it reads back",
    (name) => {
      const json = written((writer) => {
        writer.raw("{");
        writer.key(name);
        writer.raw("1}");
      });
      expect(json).toBe(`{${JSON.stringify(name)}:1}`);
    },
  );

  it("writes valid UTF-8 bytes as a string that reads back, whatever has to be escaped", () => {
    const text = `\0\u0001\u001f"\\/é入😀${"x\n".repeat(3000)}`;
    expect(JSON.parse(written((writer) => writer.utf8(Buffer.from(text))))).toBe(text);
  });

  it("writes nothing for bytes that are not UTF-8", () => {
    const writer = new JsonWriter(100);
    expect(writer.utf8(Uint8Array.of(0xff, 0xfe))).toBe(false);
    expect(writer.take().length).toBe(0);
  });

  it("writes base64 of a view, not of the memory behind it", () => {
    const view = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(written((writer) => writer.base64(view))).toBe('{"b64":"AgM="}');
  });

  it("hands out bodies that later ones do not change", () => {
    const first = new JsonWriter(100);
    first.raw("first");
    const body = first.take();
    expect(written((writer) => writer.raw("other"))).toBe("other");
    expect(body.toString()).toBe("first");
  });

  it("refuses a body above the limit, with both sizes, before it holds much more", () => {
    const write = () => written((writer) => writer.base64(new Uint8Array(1_000_000)), 1000);
    expect(write).toThrow(
      "[RESOURCE_EXHAUSTED] the request body takes 1333346 bytes or more, at most 1000 are allowed",
    );
    expect(() => written((writer) => writer.raw("x".repeat(1001)), 1000)).toThrow("takes 1001 bytes or more");
    expect(written((writer) => writer.raw("x".repeat(1000)), 1000)).toHaveLength(1000);
  });

  it("keeps what it wrote when it grows", () => {
    const text = written((writer) => {
      for (let index = 0; index < 20_000; index++) writer.raw(`${index},`);
    });
    expect(text.split(",").slice(0, -1).map(Number)).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
  });
});

describe("putNested", () => {
  const put = (shape: readonly number[], first = 0) =>
    written((writer) =>
      putNested(writer, shape, first, 26, (bytes, at, from, to) => {
        for (let index = from; index < to; index++) {
          if (index > from) bytes[at++] = 44;
          at = putInt32(bytes, at, index);
        }
        return at;
      }),
    );

  it.each([
    [[], "0"],
    [[3], "[0,1,2]"],
    [[0], "[]"],
    [[2, 2], "[[0,1],[2,3]]"],
    [[2, 0], "[[],[]]"],
    [[1, 2, 0], "[[[],[]]]"],
    [[2, 1, 2], "[[[0,1]],[[2,3]]]"],
    [[1, 2, 3, 1], "[[[[0],[1],[2]],[[3],[4],[5]]]]"],
  ])("writes shape %j as %s", (shape, expected) => {
    expect(put(shape)).toBe(expected);
  });

  it("writes from an element on", () => {
    expect(put([2], 4)).toBe("[4,5]");
    expect(put([], 9)).toBe("9");
  });

  it("writes rows longer than one run", () => {
    expect(JSON.parse(put([2, 5000]))[1][4999]).toBe(9999);
  });
});
