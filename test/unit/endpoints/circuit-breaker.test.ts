import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../../src/endpoints/circuit-breaker.ts";
import { toCircuitBreakerSettings } from "../../../src/endpoints/settings.ts";

const breaker = (options = {}) => new CircuitBreaker(toCircuitBreakerSettings(options), () => 0.5);

/** Faults at one moment, until it opens: how many that took. */
function faultsUntilOpen(circuit: CircuitBreaker, now = 0): number {
  for (let faults = 1; faults <= 1_000; faults++)
    if (circuit.failed(now, circuit.enter(now)) !== undefined) return faults;
  return Number.POSITIVE_INFINITY;
}

describe("CircuitBreaker", () => {
  it("opens after faults in a row, and an answer between them begins the row anew", () => {
    const circuit = breaker({ faults: 3 });
    circuit.failed(0, false);
    circuit.failed(0, false);
    circuit.succeeded(0, false);
    expect(faultsUntilOpen(circuit)).toBe(3);
    expect([circuit.state, circuit.admits(0), circuit.retryInMs(0)]).toEqual(["open", false, 5_000]);
  });

  it("opens by the ratio of recent calls, and not before there are enough", () => {
    const circuit = breaker({ faults: Number.POSITIVE_INFINITY, ratio: 0.5, minCalls: 10 });
    for (let n = 0; n < 4; n++) {
      circuit.succeeded(0, false);
      expect(circuit.failed(0, false)).toBeUndefined();
    }
    circuit.succeeded(0, false);
    expect(circuit.failed(0, false)).toBe(5_000);
  });

  it("forgets calls older than its window", () => {
    const circuit = breaker({ faults: Number.POSITIVE_INFINITY, minCalls: 10, windowMs: 1_000 });
    for (let n = 0; n < 9; n++) circuit.failed(0, false);
    expect(circuit.failed(2_000, false)).toBeUndefined();
  });

  it("lets one call through when its time has come, and only one", () => {
    const circuit = breaker({ openMs: 100 });
    faultsUntilOpen(circuit);
    expect([circuit.admits(99), circuit.admits(100)]).toEqual([false, true]);
    expect(circuit.enter(100)).toBe(true);
    expect([circuit.state, circuit.admits(100), circuit.enter(100)]).toEqual(["half-open", false, false]);
  });

  it("closes when that call is answered, and forgets what was before", () => {
    const circuit = breaker();
    faultsUntilOpen(circuit);
    circuit.enter(5_000);
    expect(circuit.succeeded(5_000, true)).toBe(true);
    expect(circuit.state).toBe("closed");
    expect(faultsUntilOpen(circuit, 20_000)).toBe(5);
  });

  it("stays open twice as long each time that call fails, up to its most", () => {
    const circuit = breaker({ openMs: 1_000, maxOpenMs: 3_000 });
    faultsUntilOpen(circuit);
    const waits = [0, 10_000, 20_000].map((now) => circuit.failed(now + 5_000, circuit.enter(now + 5_000)));
    expect(waits).toEqual([2_000, 3_000, 3_000]);
  });

  it("tries the next call when that call was ended from outside", () => {
    const circuit = breaker();
    faultsUntilOpen(circuit);
    circuit.undecided(circuit.enter(6_000));
    expect([circuit.state, circuit.admits(6_000)]).toEqual(["open", true]);
  });

  it("does not count calls that were sent before it opened as trials", () => {
    const circuit = breaker();
    faultsUntilOpen(circuit);
    expect(circuit.succeeded(1, false)).toBe(false);
    expect(circuit.failed(1, false)).toBeUndefined();
    expect(circuit.state).toBe("open");
  });
});
