import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { autocorrelationFactor } from "../../../src/statistics/autocorrelation-factor.ts";
import { mannKendall } from "../../../src/statistics/mann-kendall.ts";
import { quantile } from "../../../src/statistics/quantile.ts";
import { ranks } from "../../../src/statistics/ranks.ts";
import { spread } from "../../../src/statistics/spread.ts";
import { residualsOf, theilSen } from "../../../src/statistics/theil-sen.ts";

interface Case {
  readonly name: string;
  readonly x: number[];
  readonly y: number[];
  readonly slope: number;
  readonly lower: number;
  readonly upper: number;
  readonly s: number;
  readonly varS: number;
  readonly z: number;
  readonly hrVar?: number;
}

const {
  cases,
  quantiles,
  ranks: ranked,
  mad,
} = JSON.parse(readFileSync(new URL("../../fixtures/statistics.json", import.meta.url), "utf8")) as {
  cases: Case[];
  quantiles: { values: number[]; p: number[]; linear: number[] };
  ranks: { values: number[]; ranks: number[] };
  mad: { values: number[]; normal: number };
};

const Z_95_TWO_SIDED = 1.959963984540054;

describe.each(cases)("$name", ({ x, y, slope, lower, upper, s, varS, z }) => {
  it("has the Theil-Sen slope and bounds of the reference", () => {
    const line = theilSen(x, y, { z: Z_95_TWO_SIDED });
    expect(line.slope).toBeCloseTo(slope, 12);
    expect(line.lower).toBeCloseTo(lower, 12);
    expect(line.upper).toBeCloseTo(upper, 12);
  });

  it("has the Mann-Kendall figures of the reference", () => {
    const found = mannKendall(y);
    expect(found.s).toBe(s);
    expect(found.variance).toBeCloseTo(varS, 9);
    expect(found.z).toBeCloseTo(z, 12);
  });
});

describe.each(cases.filter(({ hrVar }) => hrVar !== undefined))("$name", ({ x, y, varS, hrVar }) => {
  it("has the Hamed-Rao variance of the reference, never below the plain one", () => {
    const factor = autocorrelationFactor(residualsOf(x, y, theilSen(x, y, { z: 1 }).slope));
    expect(varS * factor).toBeCloseTo(Math.max(varS, hrVar as number), 6);
  });
});

describe("quantile", () => {
  it("is numpy's, at each share", () => {
    expect(quantiles.p.map((p) => quantile(quantiles.values, p))).toEqual(
      quantiles.linear.map((value) => expect.closeTo(value, 12)),
    );
  });
});

describe("ranks", () => {
  it("share the mean of their places where values are equal", () => {
    expect([...ranks(ranked.values)]).toEqual(ranked.ranks);
  });
});

describe("spread", () => {
  it("is the median absolute deviation for normal values", () => {
    expect(spread(mad.values)).toBeCloseTo(mad.normal, 12);
  });
});
