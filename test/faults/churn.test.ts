import { describe, expect, it } from "vitest";
import { churn } from "./lab/churn.ts";
import { Laboratory } from "./lab/laboratory.ts";

describe("a churning server", () => {
  it.each(["grpc", "rest"] as const)("over %s settles every call once, in time, and leaves nothing", async (wire) => {
    const lab = new Laboratory(wire);
    const result = await churn(lab, { calls: 1_000, answers: 300, seed: 20_000, restartEvery: 100 });
    expect(await lab.end()).toEqual([]);
    expect(result.begun).toBeGreaterThanOrEqual(1_000);
    expect(result.settled).toBe(result.begun);
    expect(lab.ledger.pending).toBe(0);
    expect(result.answered).toBeGreaterThanOrEqual(300);
    expect(result.restarts).toBeGreaterThan(0);
    // Nearly every kind of fault was there.
    expect(result.struck.size).toBeGreaterThan(12);
  });
});
