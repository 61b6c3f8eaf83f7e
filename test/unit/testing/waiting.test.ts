import { describe, expect, it, vi } from "vitest";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { hang, pause, settleBefore } from "../../../src/testing/waiting.ts";

const never = new Promise<never>(() => {});

describe("pause", () => {
  it("takes its time, unless it is cancelled", async () => {
    vi.useFakeTimers();
    const cancellation = new Cancellation();
    const first = pause(1000, cancellation);
    vi.advanceTimersByTime(1000);
    await first;
    const second = pause(1000, cancellation);
    cancellation.cancel(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe("hang", () => {
  it("ends with the reason of the cancellation", async () => {
    const cancellation = new Cancellation();
    const hanging = hang(cancellation);
    cancellation.cancel(new Error("enough"));
    await expect(hanging).rejects.toThrow("enough");
  });
});

describe("settleBefore", () => {
  it("gives what the work gives, and leaves no timer", async () => {
    vi.useFakeTimers();
    const deadlineAt = performance.now() + 1000;
    expect(await settleBefore(Promise.resolve(7), deadlineAt, new Cancellation())).toBe(7);
    await expect(settleBefore(Promise.reject(new Error("no")), deadlineAt, new Cancellation())).rejects.toThrow("no");
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("ends at the deadline", async () => {
    vi.useFakeTimers();
    const waiting = settleBefore(never, performance.now() + 1000, new Cancellation());
    vi.advanceTimersByTime(1001);
    await expect(waiting).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    vi.useRealTimers();
  });

  it("sets no timer without a deadline, which would fire at once", async () => {
    vi.useFakeTimers();
    const cancellation = new Cancellation();
    const waiting = settleBefore(never, Number.POSITIVE_INFINITY, cancellation);
    expect(vi.getTimerCount()).toBe(0);
    cancellation.cancel(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    vi.useRealTimers();
  });
});
