import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { formatTable, openProcessOutput, wrap } from "../../../src/cli/output.ts";

/** Fails with an error of this code, sooner or later. */
function failing(code: string): Writable {
  const error = Object.assign(new Error(`${code}: what the system says`), { code });
  return new Writable({ write: (_chunk, _encoding, done) => setImmediate(() => done(error)) });
}

describe("openProcessOutput", () => {
  it("writes lines, and settles when they are taken", async () => {
    const lines: string[] = [];
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk));
        setImmediate(done);
      },
    });
    const output = openProcessOutput({ stdout, stderr: new PassThrough() });
    output.line("a");
    output.line();
    output.out.write("b");
    expect(await output.written()).toBeUndefined();
    expect(lines.join("")).toBe("a\n\nb");
    expect(output.unread.aborted).toBe(false);
  });

  it("tells what standard output failed with, and that it takes no more", async () => {
    const output = openProcessOutput({ stdout: failing("ENOSPC"), stderr: new PassThrough() });
    output.line("a");
    output.line("b");
    const failure = await output.written();
    expect(failure).toMatchObject({
      message: "cannot write to standard output: ENOSPC: what the system says",
      cause: { code: "ENOSPC" },
    });
    expect(output.unread.aborted).toBe(true);
    expect(await output.written()).toEqual(failure);
  });

  it("takes a reader that has left for no failure", async () => {
    const output = openProcessOutput({ stdout: failing("EPIPE"), stderr: new PassThrough() });
    output.line("a");
    expect(await output.written()).toBeUndefined();
    expect(output.unread.aborted).toBe(true);
  });

  it("has nobody to tell where complaints cannot be written", async () => {
    const output = openProcessOutput({ stdout: new PassThrough(), stderr: failing("ENOSPC") });
    output.complain("a");
    expect(await output.written()).toBeUndefined();
    expect(output.unread.aborted).toBe(false);
  });
});

describe("formatTable", () => {
  it("makes columns as wide as their longest cell", () => {
    expect(
      formatTable([
        ["a", "bb"],
        ["ccc", "d"],
      ]),
    ).toEqual(["  a    bb", "  ccc  d"]);
  });

  it("goes on under the last column where that is too long", () => {
    const words = Array.from({ length: 20 }, () => "word").join(" ");
    const [first = "", second = ""] = formatTable([["name", words]]);
    expect(first).toMatch(/^ {2}name {2}word( word)*$/);
    expect(second).toMatch(/^ {8}word( word)*$/);
    expect(Math.max(first.length, second.length)).toBeLessThanOrEqual(80);
  });

  it("leaves no blanks at the ends of lines", () => {
    expect(
      formatTable([
        ["a", ""],
        ["b", "longer"],
      ])[0],
    ).toBe("  a");
  });
});

describe("wrap", () => {
  const words = Array.from({ length: 40 }, () => "word").join(" ");

  it("keeps lines within 80 columns, indented", () => {
    const lines = wrap(words);
    expect(lines.length).toBe(3);
    for (const line of lines) expect(line).toMatch(/^ {2}word.{0,74}$/);
  });

  it("loses nothing", () => {
    expect(
      wrap(words)
        .map((line) => line.trim())
        .join(" "),
    ).toBe(words);
  });

  it("gives a word that is too long a line of its own", () => {
    const long = "x".repeat(100);
    expect(wrap(`a ${long} b`)).toEqual(["  a", `  ${long}`, "  b"]);
  });
});
