import type { Version } from "../contract/model-spec.ts";

const MAX = 2n ** 63n - 1n;

/**
 * A version as the registry counts it.
 *
 * @throws TypeError when it is not a whole number from 0 below 2^63
 */
export function toVersionNumber(version: Version | string): bigint {
  const text = String(version);
  // Through the text for all kinds: a directory name may have leading zeros, a number must not have a fraction.
  const number = /^\d+$/.test(text) ? BigInt(text) : -1n;
  if (number < 0n || number > MAX) throw new TypeError(`version ${text} is not a whole number from 0 below 2^63`);
  return number;
}

/** A version as callers see it: a number while that is exact. */
export function toVersion(number: bigint): Version {
  return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number;
}
