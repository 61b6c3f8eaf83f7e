import type { ModelChoice, ServedModel, Version } from "../contract/model-spec.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { quote } from "../internal/quote.ts";

const MAX_NAME_BYTES = 256;
/** Names that need no look and no encoding: nearly all. */
const PLAIN_NAME = /^[A-Za-z0-9_-]{1,256}$/;
const MAX_VERSION = 2n ** 63n - 1n;

/**
 * The path of a model below `/v1`: `/models/<name>` with `/versions/<n>` or `/labels/<label>`, encoded. There is never
 * a query: the server takes it for a part of the name.
 *
 * Name and label may hold any character, since the server decodes both after it has matched the route; only what
 * gateways may take for a step up (`.` and `..`, alone or between slashes), control characters and excessive lengths
 * are refused.
 *
 * @see tensorflow_serving/model_servers/http_rest_api_util.cc
 */
export function toModelPath(choice: ModelChoice): string {
  const { version, versionLabel } = choice;
  const path = `/models/${segment("model", choice.model)}`;
  if (version !== undefined && versionLabel !== undefined) {
    throw invalidArgument("version and versionLabel exclude each other, both were given");
  }
  if (version !== undefined) return `${path}/versions/${versionDigits(version)}`;
  if (versionLabel !== undefined) return `${path}/labels/${segment("versionLabel", versionLabel)}`;
  return path;
}

/** What REST can say of the model that answered: the name that was asked for, and the version if one was named. */
export function toServedModel(choice: ModelChoice): ServedModel {
  return choice.version === undefined
    ? { name: choice.model }
    : { name: choice.model, version: toVersion(BigInt(choice.version)) };
}

/** A version as this library returns it: `number` while that is exact. */
export function toVersion(version: bigint): Version {
  const number = Number(version);
  return Number.isSafeInteger(number) ? number : version;
}

function segment(what: string, name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  if (typeof name !== "string" || name === "") throw invalidArgument(`${what}: expected a name, it is empty`);
  const found = /[\u0000-\u001f\u007f]/.exec(name);
  if (found) throw invalidArgument(`${what} ${quote(name)} has a control character at position ${found.index}`);
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_NAME_BYTES) {
    throw invalidArgument(`${what} ${quote(name)} takes ${bytes} bytes, at most ${MAX_NAME_BYTES} are allowed`);
  }
  if (name.split(/[/\\]/).some((part) => part === "." || part === "..")) {
    throw invalidArgument(`${what} ${quote(name)} would change the path: "." and ".." cannot be sent over REST`);
  }
  try {
    return encodeURIComponent(name);
  } catch {
    throw invalidArgument(`${what} ${quote(name)} holds half of a surrogate pair`);
  }
}

function versionDigits(version: Version): string {
  const whole = typeof version === "bigint" || Number.isSafeInteger(version);
  if (!whole || BigInt(version) < 0n || BigInt(version) > MAX_VERSION) {
    throw invalidArgument(`version ${String(version)}: expected a whole number from 0 to 2^63-1`);
  }
  return String(version);
}
