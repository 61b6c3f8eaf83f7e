import { describe, expect, it } from "vitest";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { CallLog, type OpenCall, summarize } from "../../../src/testing/call-log.ts";

function call(model: string): OpenCall {
  return {
    wire: "fake",
    operation: "predict",
    model,
    version: undefined,
    versionLabel: undefined,
    signatureName: "",
    headers: {},
    request: {},
    code: undefined,
    servedVersion: undefined,
  };
}

describe("CallLog", () => {
  it("keeps the latest calls and does not grow without end", () => {
    const log = new CallLog();
    for (let i = 0; i < 5 * CallLog.limit; i++) {
      log.open(call(String(i)));
      if (log.calls.length >= 2 * CallLog.limit) throw new Error(`it holds ${log.calls.length} calls`);
    }
    expect(log.calls.length).toBeGreaterThanOrEqual(CallLog.limit);
    expect(log.calls.at(-1)?.model).toBe(String(5 * CallLog.limit - 1));
  });
});

describe("summarize", () => {
  it("tells dtype and shape by name, without a prototype, of what could be read", () => {
    const x = new Tensor("float32", [1, 2], new Float32Array(2));
    const summary = summarize(
      new Map([
        ["__proto__", x],
        ["bad", undefined as never],
      ]),
    );
    expect(Object.entries(summary)).toEqual([["__proto__", { dtype: "float32", shape: [1, 2] }]]);
  });
});
