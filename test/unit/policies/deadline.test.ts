import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/internal/clock.ts";
import { Deadline } from "../../../src/policies/deadline.ts";
import { FakeClock } from "./fake-clock.ts";

function armed(clock: FakeClock, inMs: number) {
  const expired: number[] = [];
  const start = clock.now();
  const deadline = new Deadline(clock, start + inMs, { expire: () => void expired.push(clock.now() - start) });
  return { expired, disarm: () => deadline.disarm() };
}

describe("Deadline", () => {
  it("expires once, when the moment has come", async () => {
    const clock = new FakeClock();
    const { expired } = armed(clock, 50);
    await clock.advance(49);
    expect(expired).toEqual([]);
    await clock.advance(100);
    expect(expired).toEqual([50]);
    expect(clock.pending).toBe(0);
  });

  it("expires at once when the moment has passed", () => {
    const clock = new FakeClock();
    expect(armed(clock, 0).expired).toEqual([0]);
    expect(armed(clock, -5).expired).toEqual([0]);
    expect(clock.pending).toBe(0);
  });

  it("sets no timer for Infinity", () => {
    const clock = new FakeClock();
    armed(clock, Number.POSITIVE_INFINITY);
    expect(clock.pending).toBe(0);
  });

  it("leaves no timer when it is disarmed", async () => {
    const clock = new FakeClock();
    const { expired, disarm } = armed(clock, 50);
    disarm();
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(expired).toEqual([]);
  });

  it("waits on where a timer fires early or a delay is longer than a timer can be", async () => {
    const clock = new FakeClock();
    const month = 31 * 24 * 3600 * 1000;
    const { expired } = armed(clock, month);
    expect(clock.nextInMs).toBeLessThan(2 ** 31);
    await clock.advance(month - 1);
    expect(expired).toEqual([]);
    await clock.advance(1);
    expect(expired).toEqual([month]);
  });

  it("gives an answer that has arrived one turn when the event loop was blocked past it", () => {
    const due: (() => void)[] = [];
    let now = 0;
    const clock: Clock = {
      now: () => now,
      setTimeout: (callback) => due.push(callback),
      clearTimeout: () => void due.splice(0),
    };
    let expired = false;
    const expire = () => {
      expired = true;
    };
    const deadline = new Deadline(clock, 50, { expire });
    now = 2_000;
    // The timers run first after a block, the sockets next: there the answer is read, and disarms.
    due.shift()?.();
    expect(due).toHaveLength(1);
    deadline.disarm();
    expect({ expired, due }).toEqual({ expired: false, due: [] });
  });

  it("expires after that turn when nothing had arrived", async () => {
    const clock = new FakeClock();
    const { expired } = armed(clock, 50);
    await clock.block(2_000);
    expect(expired).toEqual([2_000]);
  });
});
