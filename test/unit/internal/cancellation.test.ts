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

  it("tells its listeners in the order in which they came, without those that were taken back", () => {
    for (let gone = 0; gone < 16; gone++) {
      const cancellation = new Cancellation();
      const heard: number[] = [];
      const left = [0, 1, 2, 3].filter((index) => (gone & (1 << index)) === 0);
      const releases = [0, 1, 2, 3].map((index) => cancellation.onCancel(() => heard.push(index)));
      for (const [index, release] of releases.entries()) if (!left.includes(index)) release();
      cancellation.onCancel(() => heard.push(4));
      // Taking one back twice does nothing to the others.
      for (const [index, release] of releases.entries()) if (!left.includes(index)) release();
      cancellation.cancel("why");
      cancellation.cancel("again");
      expect(heard).toEqual([...left, 4]);
    }
  });

  it("tells all of those that it had, also one that another takes back meanwhile", () => {
    const cancellation = new Cancellation();
    const heard: string[] = [];
    const releases: (() => void)[] = [];
    for (const name of ["a", "b", "c"]) {
      releases.push(
        cancellation.onCancel(() => {
          heard.push(name);
          for (const release of releases) release();
        }),
      );
    }
    cancellation.cancel("why");
    expect(heard).toEqual(["a", "b", "c"]);
  });
});
