import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
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
    for (let call = 0; call < 10_000; call++) followSignal(signal, new Cancellation()).letGo();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("follows nobody without a signal", () => {
    const cancellation = new Cancellation();
    followSignal(undefined, cancellation).letGo();
    expect(cancellation.cancelled).toBe(false);
  });

  it("puts one listener on a signal, until the last has let go", () => {
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, "abort").length;
    const all = Array.from({ length: 1_000 }, () => followSignal(signal, new Cancellation()));
    expect(listeners()).toBe(1);
    for (const following of all.slice(1)) following.letGo();
    expect(listeners()).toBe(1);
    all[0]?.letGo();
    expect(listeners()).toBe(0);
    followSignal(signal, new Cancellation());
    expect(listeners()).toBe(1);
  });

  it("tells all in the order in which they came, whoever has left between them", () => {
    const controller = new AbortController();
    const told: string[] = [];
    const follow = (name: string) =>
      followSignal(
        controller.signal,
        telling(() => told.push(name)),
      );
    const [first, , third, , last] = ["a", "b", "c", "d", "e"].map(follow);
    for (const following of [third, first, last]) following?.letGo();
    follow("f");
    controller.abort();
    expect(told).toEqual(["b", "d", "f"]);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("lets go once, however often that is said", () => {
    const controller = new AbortController();
    const cancellation = new Cancellation();
    const following = followSignal(controller.signal, new Cancellation());
    followSignal(controller.signal, cancellation);
    following.letGo();
    following.letGo();
    controller.abort("stop");
    following.letGo();
    expect(cancellation.reason).toBe("stop");
  });

  it("tells the others when one throws, and leaves the error to nobody, as an event does", () => {
    const controller = new AbortController();
    const later: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (task: () => void) => later.push(task));
    const wrong = new Error("a listener is wrong");
    const thrower = telling(() => {
      throw wrong;
    });
    const after = new Cancellation();
    followSignal(controller.signal, thrower);
    followSignal(controller.signal, after);
    controller.abort("stop");
    vi.unstubAllGlobals();
    expect(after.reason).toBe("stop");
    expect(later).toHaveLength(1);
    expect(later[0]).toThrow(wrong);
  });

  it("does not tell who lets go while others are told", () => {
    const controller = new AbortController();
    const left = new Cancellation();
    followSignal(
      controller.signal,
      telling(() => following.letGo()),
    );
    const following = followSignal(controller.signal, left);
    controller.abort();
    expect(left.cancelled).toBe(false);
  });

  it("tells at once who comes while others are told", () => {
    const controller = new AbortController();
    const late = new Cancellation();
    followSignal(
      controller.signal,
      telling(() => followSignal(controller.signal, late)),
    );
    const last = new Cancellation();
    followSignal(controller.signal, last);
    controller.abort("stop");
    expect([late.reason, last.reason]).toEqual(["stop", "stop"]);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });
});

function telling(listener: () => void): Cancellation {
  const cancellation = new Cancellation();
  cancellation.onCancel(listener);
  return cancellation;
}
