import { describe, expect, it } from "vitest";
import { createRetryBudget, NO_RETRY_BUDGET } from "../../../src/policies/retry-budget.ts";
import { FakeClock } from "./fake-clock.ts";

function spend(budget: ReturnType<typeof createRetryBudget>, cost = 1): number {
  let paid = 0;
  while (paid < 1_000 && budget.withdraw(cost)) paid++;
  return paid;
}

describe("createRetryBudget", () => {
  it("begins with the burst", () => {
    expect(spend(createRetryBudget(new FakeClock()))).toBe(10);
    expect(spend(createRetryBudget(new FakeClock(), { burst: 3 }))).toBe(3);
  });

  it("takes double the price where double the work is done", () => {
    expect(spend(createRetryBudget(new FakeClock()), 2)).toBe(5);
  });

  it("gains a tenth of a retry with each call", () => {
    const budget = createRetryBudget(new FakeClock());
    spend(budget);
    for (let call = 0; call < 40; call++) budget.deposit();
    expect(spend(budget)).toBe(4);
  });

  it("gains one a second, and saves up no more than the burst", async () => {
    const clock = new FakeClock();
    const budget = createRetryBudget(clock);
    spend(budget);
    await clock.advance(2_500);
    expect(spend(budget)).toBe(2);
    await clock.advance(3_600_000);
    for (let call = 0; call < 1_000; call++) budget.deposit();
    expect(spend(budget)).toBe(10);
  });

  it("pays nothing where there is not enough", async () => {
    const clock = new FakeClock();
    const budget = createRetryBudget(clock, { burst: 1, perSecond: 1, ratio: 0 });
    expect(budget.withdraw(2)).toBe(false);
    expect(budget.withdraw(1)).toBe(true);
    expect(budget.withdraw(1)).toBe(false);
  });
});

describe("NO_RETRY_BUDGET", () => {
  it("pays for everything", () => {
    expect(spend(NO_RETRY_BUDGET)).toBe(1_000);
  });
});
