import { describe, expect, it } from "vitest";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { type Outcome, Settlement } from "../../../src/policies/settlement.ts";
import { turn } from "./fake-clock.ts";

/** Keeps what it is told of the end. */
class Told<T> extends Settlement<T> {
  readonly outcomes: Outcome<T>[] = [];

  protected override ending(outcome: Outcome<T>): void {
    this.outcomes.push(outcome);
  }
}

function settle<T>(cancellation: Cancellation, work: () => Promise<T>): Promise<T> {
  return new Told<T>(cancellation).run(work);
}

const never = () => new Promise<never>(() => {});

describe("Settlement", () => {
  it("is told once how it ends, before its promise settles", async () => {
    const well = new Told<number>(new Cancellation());
    const result = well.run(async () => 7);
    expect(well.outcomes).toEqual([]);
    await result;
    expect(well.outcomes).toEqual([{ result: 7 }]);
    const cancellation = new Cancellation();
    const badly = new Told<number>(cancellation);
    const failed = badly.run(never);
    cancellation.cancel("reason");
    await expect(failed).rejects.toBe("reason");
    expect(badly.outcomes).toEqual([{ error: "reason" }]);
    const before = new Told<number>(cancellation);
    await expect(before.run(never)).rejects.toBe("reason");
    expect(before.outcomes).toEqual([{ error: "reason" }]);
  });

  it("hands through what the work comes to", async () => {
    await expect(settle(new Cancellation(), async () => 7)).resolves.toBe(7);
    const failure = new Error("no");
    await expect(settle(new Cancellation(), () => Promise.reject(failure))).rejects.toBe(failure);
  });

  it("rejects with the reason when the work hangs", async () => {
    const cancellation = new Cancellation();
    const settled = settle(cancellation, never);
    const reason = new Error("enough");
    cancellation.cancel(reason);
    await expect(settled).rejects.toBe(reason);
  });

  it("does not begin when it is cancelled already", async () => {
    const cancellation = new Cancellation();
    cancellation.cancel("before");
    let begun = false;
    const work = async () => {
      begun = true;
    };
    await expect(settle(cancellation, work)).rejects.toBe("before");
    expect(begun).toBe(false);
  });

  it("rejects with the reason even when the work answers or fails in the same moment", async () => {
    for (const last of ["resolve", "reject"] as const) {
      const cancellation = new Cancellation();
      const settled = settle(
        cancellation,
        () =>
          new Promise((resolve, reject) => {
            cancellation.onCancel(() => (last === "resolve" ? resolve("late") : reject(new Error("its own"))));
          }),
      );
      cancellation.cancel("reason");
      await expect(settled).rejects.toBe("reason");
    }
  });

  it("lets work that obeys a cancellation write down its end first", async () => {
    const cancellation = new Cancellation();
    const written: string[] = [];
    const work = async () => {
      try {
        await new Promise((_, reject) => cancellation.onCancel(reject));
      } finally {
        for (let hop = 0; hop < 20; hop++) await undefined;
        written.push("attempt");
      }
    };
    const settled = settle(cancellation, work).catch(() => written.push("settled"));
    cancellation.cancel("reason");
    await settled;
    expect(written).toEqual(["attempt", "settled"]);
  });

  it("cancels what is left of the work once it has settled", async () => {
    const cancellation = new Cancellation();
    let cancelled = 0;
    await settle(cancellation, async () => {
      cancellation.onCancel(() => cancelled++);
    });
    expect(cancelled).toBe(1);
    expect(cancellation.cancelled).toBe(true);
  });

  it("drops a failure that comes late without leaving it unhandled", async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", onUnhandled);
    try {
      const cancellation = new Cancellation();
      let fail: (error: Error) => void = () => {};
      const work = () =>
        new Promise<void>((_, reject) => {
          fail = reject;
        });
      const settled = settle(cancellation, work);
      cancellation.cancel("reason");
      await expect(settled).rejects.toBe("reason");
      fail(new Error("late"));
      await turn();
      await turn();
    } finally {
      process.off("unhandledRejection", onUnhandled);
    }
    expect(unhandled).toEqual([]);
  });
});
