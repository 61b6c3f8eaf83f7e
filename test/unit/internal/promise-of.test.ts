import { describe, expect, it } from "vitest";
import { promiseOf } from "../../../src/internal/promise-of.ts";

describe("promiseOf", () => {
  it("is the promise that the work gives", () => {
    const promise = Promise.resolve(1);
    expect(promiseOf(() => promise)).toBe(promise);
  });

  it("rejects with what the work throws", async () => {
    const error = new Error("no");
    const failing = promiseOf(() => {
      throw error;
    });
    await expect(failing).rejects.toBe(error);
  });
});
