import { describe, expect, it } from "vitest";
import { Cancellation, childOf } from "../../../src/internal/cancellation.ts";

describe("childOf", () => {
  it("fires with its parent, with the same reason", () => {
    const parent = new Cancellation();
    const { cancellation } = childOf(parent);
    parent.cancel("why");
    expect([cancellation.cancelled, cancellation.reason]).toEqual([true, "why"]);
  });

  it("has fired when its parent has", () => {
    const parent = new Cancellation();
    parent.cancel("before");
    expect(childOf(parent).cancellation.reason).toBe("before");
  });

  it("fires alone without its parent", () => {
    const parent = new Cancellation();
    childOf(parent).cancellation.cancel("alone");
    expect(parent.cancelled).toBe(false);
  });

  it("does not hear of its parent once it is detached", () => {
    const parent = new Cancellation();
    const { cancellation, detach } = childOf(parent);
    detach();
    parent.cancel("later");
    expect(cancellation.cancelled).toBe(false);
  });
});

describe("Cancellation", () => {
  it("tells all that listen, in the order they came, and nobody who let go", () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    const listen = (name: string) => cancellation.onCancel((reason) => told.push(`${name} ${String(reason)}`));
    const releases = ["a", "b", "c", "d"].map(listen);
    releases[0]!();
    releases[2]!();
    releases[2]!();
    listen("e");
    cancellation.cancel("why");
    cancellation.cancel("again");
    expect(told).toEqual(["b why", "d why", "e why"]);
  });

  it("tells a listener that was handed in twice once, and not at all when it was taken back", () => {
    for (const before of [[], [() => {}]]) {
      const cancellation = new Cancellation();
      let times = 0;
      const listener = () => times++;
      for (const other of before) cancellation.onCancel(other);
      cancellation.onCancel(listener);
      const release = cancellation.onCancel(listener);
      cancellation.onCancel(() => release());
      cancellation.cancel("why");
      expect(times).toBe(1);
    }
    const cancellation = new Cancellation();
    let times = 0;
    cancellation.onCancel(() => times++)();
    cancellation.cancel("why");
    expect(times).toBe(0);
  });

  it("tells who comes too late at once", () => {
    const cancellation = new Cancellation();
    cancellation.cancel("why");
    let told: unknown;
    cancellation.onCancel((reason) => {
      told = reason;
    })();
    expect(told).toBe("why");
    expect(() => cancellation.throwIfCancelled()).toThrow("why");
  });
});
