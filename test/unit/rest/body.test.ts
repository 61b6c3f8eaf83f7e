import { describe, expect, it } from "vitest";
import { Body } from "../../../src/rest/body.ts";

const CHUNK = 50_000;

function chunks(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.alloc(CHUNK, index + 1));
}

describe("Body", () => {
  it.each([
    ["a known length", 4 * CHUNK],
    ["an unknown length", Number.NaN],
    ["a length below the truth", 3 * CHUNK + 7],
    ["a length above the truth", 9 * CHUNK],
  ])("puts chunks together, with %s", (_, announced) => {
    const body = new Body(announced);
    const all = chunks(4);
    for (const chunk of all) body.add(chunk);
    expect(body.length).toBe(4 * CHUNK);
    expect(body.take().equals(Buffer.concat(all))).toBe(true);
  });

  it("hands a lone chunk of a small body out as it is", () => {
    const body = new Body(5);
    const chunk = Buffer.from("hello");
    body.add(chunk);
    expect(body.take()).toBe(chunk);
  });

  it("is empty when nothing came", () => {
    expect(new Body(Number.NaN).take()).toHaveLength(0);
    expect(new Body(1 << 20).take()).toHaveLength(0);
  });

  it("keeps no chunk of a large body whose length is known", () => {
    const body = new Body(CHUNK * 2);
    const [first, second] = chunks(2) as [Buffer, Buffer];
    body.add(first);
    first.fill(0);
    body.add(second);
    expect(body.take()[0]).toBe(1);
  });
});
