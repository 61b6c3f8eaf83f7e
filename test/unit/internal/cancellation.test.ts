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
