import { describe, it } from "vitest";
import { OPERATIONS, type OperationName } from "../../../src/contract/operations.ts";
import { decideRetry, type FailedTry } from "../../../src/policies/retry-decision.ts";
import fc from "../../property/fast-check.ts";

// Which failure is decided how is in test/fixtures/retry-vectors.json; here is what holds for all of them.

const facts = fc.record({
  delivery: fc.constantFrom("never", "maybe", "answered"),
  again: fc.constantFrom("no", "yes", "once", "elsewhere", "renewed"),
  retryAfterMs: fc.option(fc.integer({ min: -5, max: 5_000 }), { nil: undefined }),
  stale: fc.boolean(),
} as const);

const failures: fc.Arbitrary<FailedTry> = fc.record({
  error: fc.record({
    code: fc.constantFrom("UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "NOT_FOUND"),
    kind: fc.constantFrom("unavailable", "timeout", "overloaded", "not_found", "auth"),
  } as const),
  facts,
  operation: fc.constantFrom(...(Object.keys(OPERATIONS) as OperationName[])),
  idempotent: fc.boolean(),
  earlier: fc.array(fc.constantFrom("yes", "once", "elsewhere", "renewed"), { maxLength: 3 }),
  untried: fc.integer({ min: 0, max: 3 }),
  hadAttemptTimeout: fc.boolean(),
  canRenewAuth: fc.boolean(),
});

function law(name: string, holds: (failed: FailedTry) => boolean) {
  it(name, () => {
    fc.assert(fc.property(failures, holds), { numRuns: 2_000 });
  });
}

describe("decideRetry", () => {
  law("never repeats what may have been processed, where the call is not idempotent", (failed) => {
    return failed.idempotent || failed.facts.delivery === "never" || decideRetry(failed) === undefined;
  });

  law("never repeats a change of the configuration that a server may have seen", (failed) => {
    if (OPERATIONS[failed.operation].repeatable) return true;
    const unsent = failed.facts.delivery === "never" && ["unavailable", "timeout"].includes(failed.error.kind);
    return unsent || decideRetry(failed) === undefined;
  });

  law("never goes against the peer's wish for no further try", (failed) => {
    return (failed.facts.retryAfterMs ?? 0) >= 0 || decideRetry(failed) === undefined;
  });

  law("tries what may help once only once", (failed) => {
    const decision = decideRetry(failed);
    return decision === undefined || decision.again === "yes" || !failed.earlier.includes(decision.again);
  });

  law("waits longer for whoever is overloaded, wherever it goes", (failed) => {
    const decision = decideRetry(failed);
    if (decision === undefined || failed.error.kind !== "overloaded") return true;
    return decision.pace === "throttle" || decision.again === "elsewhere" || decision.again === "renewed";
  });

  law("charges double for what may still be worked on after a timeout", (failed) => {
    const decision = decideRetry(failed);
    const timedOut = failed.error.kind === "timeout" && failed.facts.delivery === "maybe";
    return decision === undefined || decision.cost === (timedOut ? 2 : 1);
  });
});
