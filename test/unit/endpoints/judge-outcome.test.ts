import { describe, expect, it } from "vitest";
import { judgeOutcome } from "../../../src/endpoints/judge-outcome.ts";
import type { Code } from "../../../src/errors/code.ts";
import type { ErrorKind } from "../../../src/errors/kind.ts";
import { setRetryFacts } from "../../../src/errors/retry-facts.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";

const error = (code: Code, kind: ErrorKind) => new ServingError("why", { code, kind });
const running = new Cancellation();

describe("judgeOutcome", () => {
  it.each<[Code, ErrorKind, string]>([
    ["UNAVAILABLE", "unavailable", "gone"],
    ["UNAVAILABLE", "timeout", "gone"],
    ["UNAVAILABLE", "tls", "gone"],
    ["UNAVAILABLE", "protocol", "gone"],
    ["INTERNAL", "truncated", "gone"],
    ["UNAVAILABLE", "overloaded", "busy"],
    ["RESOURCE_EXHAUSTED", "overloaded", "busy"],
    ["DEADLINE_EXCEEDED", "timeout", "busy"],
    ["INTERNAL", "internal", "failed"],
    ["UNKNOWN", "internal", "failed"],
    ["INVALID_ARGUMENT", "invalid", "answered"],
    ["INVALID_ARGUMENT", "protocol", "answered"],
    ["NOT_FOUND", "not_found", "answered"],
    ["NOT_FOUND", "protocol", "answered"],
    ["FAILED_PRECONDITION", "precondition", "answered"],
    ["OUT_OF_RANGE", "invalid", "answered"],
    ["UNAUTHENTICATED", "auth", "answered"],
    ["PERMISSION_DENIED", "auth", "answered"],
    ["UNIMPLEMENTED", "unsupported", "answered"],
    ["RESOURCE_EXHAUSTED", "too_large", "answered"],
    ["INTERNAL", "decode", "answered"],
    ["CANCELLED", "closed", "nothing"],
  ])("%s (%s) is %s", (code, kind, outcome) => {
    expect(judgeOutcome(error(code, kind), running)).toBe(outcome);
  });

  it("tells a deadline of ours from an end of other reasons", () => {
    const late = new Cancellation();
    late.cancel(error("DEADLINE_EXCEEDED", "timeout"));
    expect(judgeOutcome(late.reason, late)).toBe("late");
    const aborted = new Cancellation();
    aborted.cancel(new Error("the caller's own"));
    expect(judgeOutcome(aborted.reason, aborted)).toBe("nothing");
  });

  it("does not blame a host for an idle connection it closed, nor for a mistake in this library", () => {
    expect(judgeOutcome(setRetryFacts(error("UNAVAILABLE", "unavailable"), { stale: true }), running)).toBe("nothing");
    expect(judgeOutcome(new TypeError("x is undefined"), running)).toBe("nothing");
  });
});
