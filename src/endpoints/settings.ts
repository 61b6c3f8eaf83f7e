import type { BalancingOptions } from "../contract/balancing.ts";
import type { CircuitBreakerOptions } from "../contract/circuit-breaker.ts";

type Filled<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

export type BalancingSettings = Filled<Omit<BalancingOptions, "lookup">>;
export type CircuitBreakerSettings = Filled<CircuitBreakerOptions>;

export function toBalancingSettings(options: BalancingOptions | undefined): BalancingSettings {
  return {
    refreshMs: options?.refreshMs ?? 15_000,
    ejectAfterFaults: options?.ejectAfterFaults ?? 5,
    ejectMs: options?.ejectMs ?? 5_000,
    maxEjectMs: options?.maxEjectMs ?? 300_000,
    maxEjectedPercent: options?.maxEjectedPercent ?? 50,
  };
}

export function toCircuitBreakerSettings(options: CircuitBreakerOptions): CircuitBreakerSettings {
  return {
    faults: options.faults ?? 5,
    ratio: options.ratio ?? 0.5,
    minCalls: options.minCalls ?? 20,
    windowMs: options.windowMs ?? 10_000,
    openMs: options.openMs ?? 5_000,
    maxOpenMs: options.maxOpenMs ?? 60_000,
  };
}
