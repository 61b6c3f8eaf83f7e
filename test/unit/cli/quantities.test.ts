import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatGrowth,
  formatMs,
  formatRate,
  formatShare,
  readBytes,
  readCount,
  readDuration,
} from "../../../src/cli/quantities.ts";

describe("readDuration", () => {
  it.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["10m", 600_000],
    ["1.5h", 5_400_000],
  ])("reads %s", (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  it.each(["30", "s", "0s", "0.4ms", "-1s", "1d", "1e3s", "1 s", ""])("refuses %j", (text) => {
    expect(() => readDuration(text)).toThrow(InvalidArgumentError);
  });
});

describe("readBytes", () => {
  it.each([
    ["1500000000", 1.5e9],
    ["32GB", 32e9],
    ["32G", 32e9],
    ["8GiB", 8 * 2 ** 30],
    ["512Mi", 512 * 2 ** 20],
    ["1.5kB", 1_500],
  ])("reads %s", (text, bytes) => {
    expect(readBytes(text)).toBe(bytes);
  });

  it.each(["0", "GB", "-1GB", "1 GB", "1gb", "1PB", "0x10"])("refuses %j", (text) => {
    expect(() => readBytes(text)).toThrow(InvalidArgumentError);
  });
});

describe("readCount", () => {
  it("reads whole numbers from 1 and nothing else", () => {
    expect(readCount("20")).toBe(20);
    for (const text of ["0", "1.5", "-1", "x", "1e3"]) expect(() => readCount(text)).toThrow(InvalidArgumentError);
  });
});

describe("quantities for a reader", () => {
  it("have three digits and a unit", () => {
    expect([0, 999, 1_070_000_000, 999_600, 50e6, -3e6].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1.07 GB",
      "1.00 MB",
      "50.0 MB",
      "-3.00 MB",
    ]);
    expect([0.853, 12.44, 456, 1_200].map(formatMs)).toEqual(["0.85 ms", "12.4 ms", "456 ms", "1.20 s"]);
    expect([0.8, 12.4, 1_250.4].map(formatRate)).toEqual(["0.80/s", "12.4/s", "1,250/s"]);
    expect([0, 0.004, 0.26, 1].map(formatShare)).toEqual(["0 %", "0.4 %", "26 %", "100 %"]);
    expect([1, 1_234, 12_345_678].map(formatCount)).toEqual(["1", "1,234", "12,345,678"]);
  });

  it("show which way a difference goes", () => {
    expect([40e6, 0, -40e6].map(formatGrowth)).toEqual(["+40.0 MB", "0 B", "-40.0 MB"]);
  });

  it("tell a length of time as people do", () => {
    const times = [485, 1_234, 9_960, 45_400, 192_000, 27_000_000, 1_036_800_000];
    expect(times.map(formatDuration)).toEqual([
      "485 ms",
      "1.2 s",
      "10 s",
      "45 s",
      "3 min 12 s",
      "7 h 30 min",
      "12 days",
    ]);
  });
});
