import type { ModelChoice, Version, VersionChoice } from "../contract/model-spec.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeValue } from "../internal/describe-value.ts";

/** The largest int64: what a version is on the wire. */
const LARGEST_VERSION = 2n ** 63n - 1n;
const LONGEST_NAME_BYTES = 256;
/** Most names, in one look. */
const PLAIN_NAME = /^[\w-][\w.-]{0,255}$/;

/** What is wrong with a model's name or a label; undefined when nothing is. */
export function nameProblem(name: unknown, what: string): string | undefined {
  if (typeof name === "string" && PLAIN_NAME.test(name)) return undefined;
  if (typeof name !== "string" || name === "") return `${what} must be a non-empty string, got ${describeValue(name)}`;
  if (Buffer.byteLength(name) > LONGEST_NAME_BYTES)
    return `${what} must have at most ${LONGEST_NAME_BYTES} bytes, got ${Buffer.byteLength(name)}`;
  // Percent-encoding leaves dots as they are, so these would climb out of the path on REST.
  if (name === "." || name === "..") return `${what} must not be ${describeValue(name)}`;
  if (/\p{Cc}|\p{Cs}/u.test(name))
    return `${what} must not hold control characters or half a surrogate pair, got ${describeValue(name)}`;
  return undefined;
}

/** What is wrong with a version; undefined when nothing is. */
export function versionProblem(version: unknown, what = "version"): string | undefined {
  const whole = typeof version === "bigint" || Number.isSafeInteger(version);
  if (whole && (version as Version) >= 0 && (version as Version) <= LARGEST_VERSION) return undefined;
  if (typeof version === "number" && Number.isInteger(version) && version > Number.MAX_SAFE_INTEGER) {
    return `${what} ${version} is beyond 2^53-1 and not exact: give it as a bigint`;
  }
  return `${what} must be a whole number from 0 to 2^63-1, got ${describeValue(version)}`;
}

/** What is wrong with the choice of a version; undefined when nothing is. */
export function versionChoiceProblem({ version, versionLabel }: VersionChoice): string | undefined {
  if (version !== undefined && versionLabel !== undefined)
    return "version and versionLabel exclude each other, got both";
  if (version !== undefined) return versionProblem(version);
  return versionLabel === undefined ? undefined : nameProblem(versionLabel, "versionLabel");
}

/**
 * The part of a request that says which model and version, and nothing else of it.
 *
 * @throws ServingError (INVALID_ARGUMENT)
 */
export function toModelChoice(request: ModelChoice, operation: string): ModelChoice {
  const problem = nameProblem(request.model, "model") ?? versionChoiceProblem(request);
  if (problem !== undefined) throw invalidArgument(`${operation}: ${problem}`);
  if (request.version !== undefined) return { model: request.model, version: request.version };
  if (request.versionLabel !== undefined) return { model: request.model, versionLabel: request.versionLabel };
  return { model: request.model };
}

/** The signature's name, where one is given. @throws ServingError (INVALID_ARGUMENT) */
export function checkSignatureName(signatureName: unknown, operation: string): string | undefined {
  if (signatureName === undefined || (typeof signatureName === "string" && signatureName !== "")) return signatureName;
  throw invalidArgument(
    `${operation}: signatureName must be a non-empty string, got ${describeValue(signatureName)}; leave it out for the default`,
  );
}
