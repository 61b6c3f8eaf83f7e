import { describe, expect, it } from "vitest";
import { ConnectPace, ConnectPostponed } from "../../../src/rest/connect-pace.ts";

const REFUSED = new Error("refused");

/** Connects that begin at these moments and fail before the next. Which were tried? */
function tried(pace: ConnectPace, moments: readonly number[]): number[] {
  return moments.filter((now) => {
    const begins = pace.begin(now) === undefined;
    if (begins) pace.failed(REFUSED);
    return begins;
  });
}

describe("ConnectPace", () => {
  it("holds nothing back before a connect has failed", () => {
    const pace = new ConnectPace();
    for (let n = 0; n < 50; n++) expect(pace.begin(0)).toBeUndefined();
    expect(pace.pauseMs(0)).toBe(0);
  });

  it("lets two begin in any second while all of them fail", () => {
    const moments = Array.from({ length: 300 }, (_, index) => index * 10);
    expect(tried(new ConnectPace(), moments)).toEqual([0, 10, 1_000, 1_010, 2_000, 2_010]);
  });

  it("says how long none may begin, and what the last one failed with", () => {
    const pace = new ConnectPace();
    tried(pace, [0, 300]);
    expect(pace.pauseMs(400)).toBe(600);
    const postponed = pace.begin(400);
    expect(postponed).toBeInstanceOf(ConnectPostponed);
    expect(postponed?.cause).toBe(REFUSED);
    expect(pace.pauseMs(1_000)).toBe(0);
  });

  it("counts connects that are still under way", () => {
    const pace = new ConnectPace();
    tried(pace, [0]);
    expect(pace.begin(1_000)).toBeUndefined();
    expect(pace.begin(1_001)).toBeUndefined();
    expect(pace.begin(1_002)).toBeInstanceOf(ConnectPostponed);
  });

  it("ends with the first one that succeeds", () => {
    const pace = new ConnectPace();
    tried(pace, [0, 0]);
    expect(pace.begin(1_000)).toBeUndefined();
    pace.opened();
    pace.closed();
    for (let n = 0; n < 50; n++) expect(pace.begin(1_000)).toBeUndefined();
  });

  it("holds nothing back while a connection is open", () => {
    const pace = new ConnectPace();
    pace.opened();
    tried(pace, [0, 0]);
    expect(tried(pace, [1, 2, 3])).toEqual([1, 2, 3]);
    pace.closed();
    expect(pace.begin(4)).toBeInstanceOf(ConnectPostponed);
  });
});
