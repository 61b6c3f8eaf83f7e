import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { LineWriter } from "../../../../src/cli/score/line-writer.ts";

/** Takes so many writes, and fails with the error from then on. */
function failing(error: Error, writes = 0): Writable {
  let taken = 0;
  return new Writable({
    write: (_chunk, _encoding, done) => setImmediate(() => done(taken++ < writes ? null : error)),
  });
}

const FULL = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
const GONE = Object.assign(new Error("broken pipe"), { code: "EPIPE" });
const LONG = `${"x".repeat(100_000)}\n`;

describe("LineWriter", () => {
  it("writes lines together, in their order, all of them by the end", async () => {
    const written: string[] = [];
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        written.push(String(chunk));
        setImmediate(done);
      },
    });
    const writer = new LineWriter(stream);
    await writer.write("a\n");
    await writer.write("b\n");
    await writer.end();
    expect(written).toEqual(["a\nb\n"]);
    expect(stream.writableFinished).toBe(true);
  });

  it("waits for a stream that has no room", async () => {
    const go: (() => void)[] = [];
    const writer = new LineWriter(new Writable({ write: (_chunk, _encoding, done) => void go.push(done) }));
    let isTaken = false;
    const written = Promise.resolve(writer.write(LONG)).then(() => {
      isTaken = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isTaken).toBe(false);
    go[0]?.();
    await written;
  });

  it.each<[what: string, text: string, writes: number]>([
    ["a short text, which is told late", "a\n", 0],
    ["a long text", LONG, 0],
    ["what comes after the first", LONG, 1],
  ])("fails with what its stream failed with: %s", async (_, text, writes) => {
    const writer = new LineWriter(failing(FULL, writes));
    await expect(
      (async () => {
        await writer.write(text);
        await writer.write(text);
        await writer.end();
      })(),
    ).rejects.toMatchObject({ message: "cannot write what was scored: no space left on device", cause: FULL });
    expect(writer.isCutOff).toBe(true);
  });

  it("takes a reader that has left for no failure", async () => {
    const writer = new LineWriter(failing(GONE));
    await writer.write(LONG);
    expect(writer.isCutOff).toBe(true);
    await writer.write(LONG);
    await writer.end();
  });
});
