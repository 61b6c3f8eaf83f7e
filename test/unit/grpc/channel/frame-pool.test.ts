import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { FramePool } from "../../../../src/grpc/channel/frame-pool.ts";

const KIB = 1024;

/** Takes a frame and gives it back at once. */
function used(pool: FramePool, length: number): Buffer {
  const frame = pool.take(length);
  pool.giveBack(frame);
  return frame;
}

describe("FramePool", () => {
  it("lends memory again that was given back, as long as the frame", () => {
    const pool = new FramePool();
    const first = used(pool, 100 * KIB);
    const second = pool.take(90 * KIB);
    expect(second).toHaveLength(90 * KIB);
    expect(second.buffer).toBe(first.buffer);
    expect(second.byteOffset).toBe(0);
  });

  it("lends nothing twice", () => {
    const pool = new FramePool();
    const first = used(pool, 100 * KIB);
    expect(pool.take(100 * KIB).buffer).toBe(first.buffer);
    expect(pool.take(100 * KIB).buffer).not.toBe(first.buffer);
  });

  it("does not lend memory that is too small, or more than twice as large", () => {
    const pool = new FramePool();
    const given = used(pool, 100 * KIB).buffer;
    expect(pool.take(100 * KIB + 1).buffer).not.toBe(given);
    expect(pool.take(50 * KIB - 1).buffer).not.toBe(given);
    expect(pool.take(50 * KIB).buffer).toBe(given);
  });

  it("keeps the memory of the last frame as large as it was, however small that was", () => {
    const pool = new FramePool();
    const given = used(pool, 100 * KIB).buffer;
    expect(used(pool, 60 * KIB).buffer).toBe(given);
    expect(pool.take(100 * KIB).buffer).toBe(given);
  });

  it("leaves small frames to Node, which has them share a slab", () => {
    const pool = new FramePool();
    const small = used(pool, 16 * KIB - 1);
    expect(small).toHaveLength(16 * KIB - 1);
    expect(pool.take(16 * KIB).buffer).not.toBe(small.buffer);
    used(pool, 100);
    expect(pool.take(16 * KIB).byteOffset).toBe(0);
  });

  it("keeps sixteen, and the latest of them", () => {
    const pool = new FramePool();
    const frames = Array.from({ length: 17 }, () => pool.take(16 * KIB));
    for (const frame of frames) pool.giveBack(frame);
    const again = Array.from({ length: 17 }, () => pool.take(16 * KIB).buffer);
    const [first, ...rest] = frames.map(({ buffer }) => buffer);
    expect(again.slice(0, 16)).toEqual(rest.reverse());
    expect(again.includes(first!)).toBe(false);
  });

  it("keeps no memory from the collector that is not lent", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const pool = new FramePool();
    const given = new WeakRef(used(pool, 16 * KIB).buffer);
    await vi.waitFor(
      () => {
        gc();
        // Not the memory itself, which a failure would hold.
        expect(given.deref() === undefined).toBe(true);
      },
      { timeout: 30_000, interval: 5 },
    );
    expect(pool.take(16 * KIB)).toHaveLength(16 * KIB);
  });
});
