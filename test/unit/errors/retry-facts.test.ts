import { describe, expect, it } from "vitest";
import type { Code } from "../../../src/errors/code.ts";
import type { ErrorKind } from "../../../src/errors/kind.ts";
import { retryFactsOf, setRetryFacts } from "../../../src/errors/retry-facts.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";

function error(code: Code, kind: ErrorKind, retryable?: boolean): ServingError {
  return new ServingError("x", { code, kind, retryable });
}

describe("retryFactsOf", () => {
  it.each<[Code, ErrorKind, boolean | undefined, string, string]>([
    ["UNAVAILABLE", "unavailable", undefined, "maybe", "yes"],
    ["RESOURCE_EXHAUSTED", "overloaded", undefined, "maybe", "yes"],
    ["UNAVAILABLE", "timeout", true, "never", "yes"],
    ["DEADLINE_EXCEEDED", "timeout", undefined, "maybe", "no"],
    ["DEADLINE_EXCEEDED", "timeout", true, "maybe", "once"],
    ["UNAVAILABLE", "truncated", true, "maybe", "once"],
    ["NOT_FOUND", "not_found", undefined, "answered", "elsewhere"],
    ["INVALID_ARGUMENT", "not_found", undefined, "answered", "elsewhere"],
    ["UNAUTHENTICATED", "auth", undefined, "never", "renewed"],
    ["PERMISSION_DENIED", "auth", undefined, "answered", "no"],
    ["ABORTED", "internal", true, "maybe", "yes"],
    ["FAILED_PRECONDITION", "precondition", true, "answered", "once"],
    ["FAILED_PRECONDITION", "precondition", undefined, "answered", "no"],
    ["INTERNAL", "decode", undefined, "answered", "no"],
    ["CANCELLED", "closed", undefined, "answered", "no"],
  ])("reads %s of kind %s, retryable %s, as delivery %s and again %s", (code, kind, retryable, delivery, again) => {
    expect(retryFactsOf(error(code, kind, retryable))).toEqual({ delivery, again });
  });

  it("prefers what was noted, and leaves no trace of it in the error", () => {
    const plain = error("UNAVAILABLE", "unavailable");
    const noted = error("UNAVAILABLE", "unavailable");
    expect(setRetryFacts(noted, { delivery: "never", retryAfterMs: 40 })).toBe(noted);
    expect(retryFactsOf(noted)).toEqual({ delivery: "never", again: "yes", retryAfterMs: 40 });
    expect(Reflect.ownKeys(noted)).toEqual(Reflect.ownKeys(plain));
    expect(noted.toJSON()).toEqual(plain.toJSON());
  });
});
