import { describe, expect, it } from "vitest";
import { backoffMs } from "../../../src/policies/backoff.ts";
import { seeded } from "./simulated-server.ts";

const plan = { baseDelayMs: 100, throttleDelayMs: 250, maxDelayMs: 5_000 };

describe("backoffMs", () => {
  it.each([
    ["normal", 0, 100],
    ["normal", 1, 200],
    ["normal", 4, 1_600],
    ["normal", 9, 5_000],
    ["throttle", 0, 250],
    ["throttle", 2, 1_000],
    ["throttle", 8, 5_000],
  ] as const)("spreads pauses at pace %s after %i retries evenly from 0 to %i ms", (pace, earlier, most) => {
    const random = seeded(earlier + most);
    const delays = Array.from({ length: 20_000 }, () => backoffMs({ ...plan, random }, pace, earlier, undefined));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThan(most);
    const mean = delays.reduce((sum, each) => sum + each, 0) / delays.length;
    expect(Math.abs(mean - most / 2) / (most / 2)).toBeLessThan(0.05);
    const early = delays.filter((each) => each < most / 4).length / delays.length;
    expect(Math.abs(early - 0.25)).toBeLessThan(0.02);
  });

  it("adds what the peer asks for, and still spreads", () => {
    expect(backoffMs({ ...plan, random: () => 0 }, "normal", 0, 2_000)).toBe(2_000);
    expect(backoffMs({ ...plan, random: () => 0.5 }, "throttle", 0, 2_000)).toBe(2_125);
    expect(backoffMs({ ...plan, random: () => 0.5 }, "normal", 0, 0)).toBe(50);
  });

  it("does not wait where waiting changes nothing", () => {
    expect(backoffMs({ ...plan, random: () => 0.9 }, "now", 3, undefined)).toBe(0);
    expect(backoffMs({ ...plan, random: () => 0.9 }, "now", 3, 70)).toBe(70);
  });

  it("stays finite after any number of retries", () => {
    expect(backoffMs({ ...plan, random: () => 0.5 }, "normal", 5_000, undefined)).toBe(2_500);
  });
});
