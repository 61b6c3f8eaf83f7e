import { describe, expect, it } from "vitest";
import { SharedLoad } from "../../../src/client/shared-load.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { turn } from "../policies/fake-clock.ts";

function setUp() {
  const loads: { resolve: (value: string) => void; reject: (error: Error) => void; cancellation: Cancellation }[] = [];
  const shared = new SharedLoad<string>(
    (cancellation) => new Promise((resolve, reject) => loads.push({ resolve, reject, cancellation })),
  );
  return { loads, shared };
}

describe("SharedLoad", () => {
  it("is one load for all who ask while it is under way", async () => {
    const { loads, shared } = setUp();
    const both = Promise.all([shared.join(new Cancellation()), shared.join(new Cancellation())]);
    loads[0]?.resolve("a");
    await expect(both).resolves.toEqual(["a", "a"]);
    expect(loads).toHaveLength(1);
  });

  it("goes on when one leaves, and is cancelled when all have left", async () => {
    const { loads, shared } = setUp();
    const [one, two] = [new Cancellation(), new Cancellation()];
    void shared.join(one);
    void shared.join(two);
    one.cancel("left");
    expect(loads[0]?.cancellation.cancelled).toBe(false);
    two.cancel("left");
    expect(loads[0]?.cancellation.cancelled).toBe(true);
  });

  it("begins anew for who comes after all have left", async () => {
    const { loads, shared } = setUp();
    const one = new Cancellation();
    void shared.join(one);
    one.cancel("left");
    const joined = shared.join(new Cancellation());
    loads[1]?.resolve("b");
    await expect(joined).resolves.toBe("b");
  });

  it("keeps nothing of a failure", async () => {
    const { loads, shared } = setUp();
    const failing = shared.join(new Cancellation());
    loads[0]?.reject(new Error("no"));
    await expect(failing).rejects.toThrow("no");
    const joined = shared.join(new Cancellation());
    loads[1]?.resolve("c");
    await expect(joined).resolves.toBe("c");
  });

  it("is not cancelled by a waiter that ends after it", async () => {
    const { loads, shared } = setUp();
    const one = new Cancellation();
    const joined = shared.join(one);
    loads[0]?.resolve("a");
    await joined;
    one.cancel("over");
    await turn();
    expect(loads[0]?.cancellation.cancelled).toBe(false);
  });
});
