import { describe, expect, it } from "vitest";
import { FastFuse } from "../../../../src/health/leak/fast-fuse.ts";

const at = (second: number, bytes: number, rest = {}) => ({
  atMs: second * 1_000,
  bytes,
  limitBytes: 32e9,
  modelsMove: false,
  ...rest,
});

describe("FastFuse", () => {
  it("says when the limit will be reached, and alarms once it has seen it seven times", () => {
    const fuse = new FastFuse();
    const states = Array.from({ length: 21 }, (_, second) => fuse.add(at(second, 8e9 + 40e6 * second)));
    expect(states.map(({ alarm }) => alarm).indexOf(true)).toBe(20);
    expect(states[13]).toMatchObject({ disarmed: "14 of 15 samples", alarm: false });
    expect(states[20]?.secondsToLimit).toBeCloseTo((32e9 - 8.8e9) / 40e6, 3);
  });

  it("is not armed without a limit", () => {
    const fuse = new FastFuse();
    let state = fuse.add(at(0, 0));
    for (let second = 1; second < 60; second++) state = fuse.add(at(second, 1e9 * second, { limitBytes: undefined }));
    expect(state).toEqual({ disarmed: "the memory limit is not known", alarm: false, secondsToLimit: undefined });
  });

  it("is not armed while a model moves and for a minute after, and begins anew then", () => {
    const fuse = new FastFuse();
    fuse.add(at(0, 8e9, { modelsMove: true }));
    for (let second = 1; second < 60; second++) {
      expect(fuse.add(at(second, 8e9 + 100e6 * second)).disarmed).toBe("a model was loaded or unloaded just now");
    }
    expect(fuse.add(at(60, 14e9)).disarmed).toBe("1 of 15 samples");
  });

  it("stays silent when the limit is far", () => {
    const fuse = new FastFuse();
    const alarms = Array.from(
      { length: 60 },
      (_, second) => fuse.add(at(second, 20e6 * second, { limitBytes: 64e9 })).alarm,
    );
    expect(alarms).not.toContain(true);
  });
});
