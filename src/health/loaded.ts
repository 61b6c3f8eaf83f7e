import type { ModelMetadataResponse } from "../contract/model-metadata.ts";
import type { Version } from "../contract/model-spec.ts";
import type { ModelStatusResponse, ModelVersionState, ModelVersionStatus } from "../contract/model-status.ts";
import { ServingError } from "../errors/serving-error.ts";
import { quote } from "../internal/quote.ts";
import { isNotFound } from "./alive.ts";
import type { Attempt } from "./attempt.ts";
import { oneLine } from "./one-line.ts";
import { fail, fromFailure, pass, type Verdict } from "./verdict.ts";

/** Which version shall be there; neither means the newest that is available. */
interface Wanted {
  readonly model: string;
  readonly version: Version | undefined;
}

/** Level `loaded` without a label: the wanted version, or else any, is AVAILABLE. */
export function judgeLoaded(wanted: Wanted, status: Attempt<ModelStatusResponse>): Verdict {
  const name = nameOf(wanted);
  if (!status.ok) {
    if (!isNotFound(status.error)) return fromFailure(`the status of ${name} is not known`, status);
    return fail(`the server does not know ${name}: check the name, the base path and the version policy`);
  }
  const { versions } = status.value;
  return wanted.version === undefined ? judgeNewest(name, versions) : judgeOne(name, wanted.version, versions);
}

/**
 * Level `loaded` with a label. A status request ignores labels, so the metadata of what the label points to is asked
 * for: the server gives it only while that version is AVAILABLE.
 *
 * @see tensorflow_serving/model_servers/get_model_status_impl.cc
 */
export function judgeLabel(model: string, label: string, metadata: Attempt<ModelMetadataResponse>): Verdict {
  const name = `label ${quote(label)} of model ${quote(model)}`;
  if (metadata.ok) {
    const { version } = metadata.value.modelSpec;
    return version === undefined ? pass(`${name} is AVAILABLE`) : available(`${name} (version ${version})`, version);
  }
  const { error } = metadata;
  if (isNotFound(error)) return fail(`${name}: the version it points to is not loaded; load it, or move the label`);
  if (error instanceof ServingError && error.code === "INVALID_ARGUMENT") {
    return fail(`${name} is not set: ${oneLine(error.message)}; set it with a config reload`);
  }
  return fromFailure(`${name} cannot be looked up`, metadata);
}

function judgeOne(name: string, version: Version, versions: readonly ModelVersionStatus[]): Verdict {
  const found = versions.find((status) => BigInt(status.version) === BigInt(version));
  if (!found) return fail(`${name} is not in the server's list: check the version policy and the base path`);
  if (found.state === "AVAILABLE") return available(name, found.version);
  return notServed(name, found);
}

function judgeNewest(name: string, versions: readonly ModelVersionStatus[]): Verdict {
  // The server lists the highest version first, and that one decides what to tell when none is served.
  const newest = versions[0];
  if (!newest) return fail(`the server lists no version of ${name}: check the base path and the version policy`);
  const serving = versions.find((status) => status.state === "AVAILABLE");
  if (!serving) return notServed(`${name} version ${newest.version}`, newest);
  const verdict = available(`${name} version ${serving.version}`, serving.version);
  if (serving === newest || newest.error === undefined) return verdict;
  const why = `but the newer version ${newest.version} failed: ${reason(newest)}`;
  return { ...verdict, status: "warn", output: `${verdict.output}, ${why}` };
}

const NOT_SERVED: Readonly<Record<Exclude<ModelVersionState, "AVAILABLE">, string>> = {
  UNKNOWN: "its state is not known; look at the server's log",
  START: "loading has not begun; wait",
  LOADING: "it is being loaded; wait (a broken model too looks so until the server's retries are over)",
  UNLOADING: "it is being unloaded; add it to the configuration to keep it",
  END: "it was unloaded; add it to the configuration to have it back",
};

function notServed(name: string, status: ModelVersionStatus): Verdict {
  const observed = { observedValue: status.state };
  if (status.error)
    return fail(
      `${name} is ${status.state}, it failed to load: ${reason(status)}; repair it and load it anew`,
      observed,
    );
  const told = NOT_SERVED[status.state as keyof typeof NOT_SERVED] ?? NOT_SERVED.UNKNOWN;
  return fail(`${name} is ${status.state}: ${told}`, observed);
}

function available(name: string, version: Version): Verdict {
  return pass(`${name} is AVAILABLE`, { observedValue: typeof version === "bigint" ? String(version) : version });
}

function reason(status: ModelVersionStatus): string {
  return oneLine(`[${status.error?.code}] ${status.error?.message}`);
}

function nameOf({ model, version }: Wanted): string {
  return version === undefined ? `model ${quote(model)}` : `model ${quote(model)} version ${version}`;
}
