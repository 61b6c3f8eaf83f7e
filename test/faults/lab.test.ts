import { describe, expect, it } from "vitest";
import { ServingError } from "../../src/errors/serving-error.ts";
import { seededRandom } from "../../src/internal/seeded-random.ts";
import { findBreaches } from "./lab/find-breaches.ts";
import { FrameReader, frameBytes, headerBlock, PREFACE } from "./lab/http2-frames.ts";
import type { Outcome } from "./lab/ledger.ts";
import type { Stalls } from "./lab/stalls.ts";

const CALM = { within: () => 0 } as unknown as Stalls;

function outcome(changes: Partial<Outcome>): Outcome {
  return {
    call: 1,
    value: undefined,
    error: undefined,
    rejection: undefined,
    startedAt: 0,
    settledAt: 100,
    durationMs: 100,
    lateMs: -10,
    attempts: [{ attempt: 1, endpoint: "grpc://h:1", code: "OK", durationMs: 1 }],
    reports: 1,
    isWrong: false,
    ...changes,
  };
}
const arrival = (at: number, processed = true) => ({ at, connection: 1, call: 1, processed });

describe("the law", () => {
  it("holds for a call that settled once, in time, with as many attempts as the server saw", () => {
    expect(findBreaches([outcome({})], [arrival(10)], CALM)).toEqual([]);
  });

  it.each<[string, Partial<Outcome>, ReturnType<typeof arrival>[], RegExp]>([
    ["an end told twice", { reports: 2 }, [arrival(10)], /told 2 times/],
    ["a late end", { lateMs: 151 }, [arrival(10)], /151 ms after its deadline/],
    ["another call's answer", { isWrong: true }, [arrival(10)], /another call's answer/],
    ["an error that is none of ours", { rejection: new TypeError("x") }, [arrival(10)], /rejected with TypeError/],
    ["an attempt that is in no ledger", {}, [arrival(10), arrival(20)], /2 attempts at the server, 1 in its ledger/],
    ["an answer without an attempt", {}, [arrival(10, false)], /0 attempts at the server answered 1/],
    ["an attempt after the end", {}, [arrival(900)], /1 attempts after it had settled/],
  ])("is broken by %s", (_, changes, arrivals, breach) => {
    expect(findBreaches([outcome(changes)], arrivals, CALM).join()).toMatch(breach);
  });

  it("lets typed errors be, and refused streams that were not worked on", () => {
    const error = new ServingError("no", { code: "UNAVAILABLE", kind: "unavailable" });
    const attempts = [{ attempt: 1, endpoint: "grpc://h:1", code: "UNAVAILABLE" as const, durationMs: 1 }];
    expect(findBreaches([outcome({ error, rejection: error, attempts })], [arrival(10, false)], CALM)).toEqual([]);
  });

  it("does not count the time in which the process was held up", () => {
    const heldUp = { within: () => 200 } as unknown as Stalls;
    expect(findBreaches([outcome({ lateMs: 300 })], [arrival(10)], heldUp)).toEqual([]);
    expect(findBreaches([outcome({ lateMs: 400 })], [arrival(10)], heldUp)).toHaveLength(1);
  });
});

describe("the laboratory's frames", () => {
  it("are read however they are cut", () => {
    const bytes = Buffer.concat([
      Buffer.from(PREFACE),
      frameBytes(0, 1, 5, Buffer.from("hello")),
      frameBytes(1, 4, 7, headerBlock([["x", "y".repeat(300)]])),
    ]);
    for (const size of [1, 3, 10, bytes.length]) {
      const reader = new FrameReader();
      const frames = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        reader.read(bytes.subarray(index * size, (index + 1) * size)),
      ).flat();
      expect(frames.map(({ type, flags, stream, payload }) => [type, flags, stream, payload.length])).toEqual([
        [0, 1, 5, 5],
        [1, 4, 7, 1 + 1 + 1 + 3 + 300],
      ]);
    }
  });

  it("are refused from a peer that speaks something else", () => {
    expect(() => new FrameReader().read(Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n"))).toThrow(
      "this is not HTTP/2",
    );
  });
});

describe("seededRandom", () => {
  it("is the same for the same seed, and even", () => {
    const one = seededRandom(1);
    const two = seededRandom(1);
    const values = Array.from({ length: 10_000 }, () => one());
    expect(values).toEqual(Array.from({ length: 10_000 }, () => two()));
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
  });
});
