import { describe, expect, it } from "vitest";
import type { CallLedger, TryFault } from "../../../src/contract/transport.ts";
import { describeTries } from "../../../src/policies/describe-tries.ts";
import { newContext } from "./call-context.ts";

const A = "grpc://a:8500";
const B = "grpc://b:8500";

function ledger(over: Partial<CallLedger>): CallLedger {
  return { ...newContext().ledger, ...over };
}

function fault(endpoint: string | undefined, message = "gone", code: TryFault["code"] = "UNAVAILABLE"): TryFault {
  return { endpoint, code, message };
}

describe("describeTries", () => {
  it("says nothing while no try has failed", () => {
    expect(describeTries(ledger({}), A)).toBeUndefined();
    expect(describeTries(ledger({ started: 1, faults: [] }), A)).toBeUndefined();
  });

  it.each<[string, Partial<CallLedger>, string]>([
    ["one that failed", { started: 1, faults: [fault(A)] }, `1 attempt: ${A} [UNAVAILABLE] gone`],
    [
      "one that is under way where the others failed",
      { started: 3, faults: [fault(A, "first"), fault(A, "second")] },
      `3 attempts: ${A} (3 times) [UNAVAILABLE] second`,
    ],
    [
      "the last fault of each server",
      { started: 3, faults: [fault(A, "first"), fault(B, "no", "INTERNAL"), fault(A, "second")] },
      `3 attempts: ${A} (2 times) [UNAVAILABLE] second; ${B} [INTERNAL] no`,
    ],
    [
      "a server that has not answered yet",
      { started: 2, endpoint: B, faults: [fault(A)] },
      `2 attempts: ${A} [UNAVAILABLE] gone; ${B} no answer`,
    ],
    ["a failure before a server was chosen", { faults: [fault(undefined)] }, `1 attempt: ${A} [UNAVAILABLE] gone`],
  ])("names %s", (_, over, text) => {
    expect(describeTries(ledger(over), A)).toBe(text);
  });

  it("is one line of limited length, whatever servers say and however many there are", () => {
    const faults = Array.from({ length: 40 }, (_, n) => fault(`grpc://${n}:1`, `a\r\nb\u001b[31m${"x".repeat(3_000)}`));
    const text = describeTries(ledger({ started: 40, faults }), A)!;
    expect(text).toMatch(/^40 attempts: grpc:\/\/0:1 \[UNAVAILABLE\] a b \[31mxxx/);
    expect(text).toMatch(/…; 32 more$/);
    expect(text).not.toMatch(/[\u0000-\u001f]/);
    expect(text.length).toBeLessThan(8 * 200);
  });
});
