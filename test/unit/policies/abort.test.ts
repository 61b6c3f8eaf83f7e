import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { followSignal } from "../../../src/policies/abort.ts";

describe("followSignal", () => {
  it("cancels with the signal's reason", () => {
    const controller = new AbortController();
    const cancellation = new Cancellation();
    followSignal(controller.signal, cancellation);
    const reason = { why: "the user left" };
    controller.abort(reason);
    expect(cancellation.reason).toBe(reason);
  });

  it("cancels at once for a signal that has aborted", () => {
    const cancellation = new Cancellation();
    followSignal(AbortSignal.abort("before"), cancellation);
    expect(cancellation.reason).toBe("before");
  });

  it("leaves nothing on the signal when it lets go", () => {
    const { signal } = new AbortController();
    for (let call = 0; call < 10_000; call++) followSignal(signal, new Cancellation())();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("follows nobody without a signal", () => {
    const cancellation = new Cancellation();
    followSignal(undefined, cancellation)();
    expect(cancellation.cancelled).toBe(false);
  });
});
