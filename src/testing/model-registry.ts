import type { ModelVersionState } from "../contract/model-status.ts";
import type { VersionPolicy } from "../contract/reload-config.ts";
import type { VersionDefinition } from "./model-definition.ts";
import type { ModelStorage } from "./model-storage.ts";
import { ServedVersion } from "./served-version.ts";
import { ServerError } from "./server-error.ts";
import { toVersionNumber } from "./version-number.ts";

/** A model that the server watches: where its versions lie, and which of them it wants. */
export interface WatchedModel {
  readonly name: string;
  readonly basePath: string;
  readonly policy: VersionPolicy;
}

/**
 * Every model version the server has known and the state it is in.
 *
 * Transitions preserve availability: a version is replaced only once another one serves, unless none is wanted any
 * more. Versions that ended stay listed for the life of the server.
 *
 * @see tensorflow_serving/core/availability_preserving_policy.cc
 */
export class ModelRegistry {
  readonly #storage: ModelStorage;
  readonly #models = new Map<string, Map<bigint, ServedVersion>>();
  readonly #wanted = new Map<string, ReadonlyMap<bigint, VersionDefinition>>();
  readonly #listeners = new Set<(version: ServedVersion) => void>();
  #watched: readonly WatchedModel[] = [];

  constructor(storage: ModelStorage) {
    this.#storage = storage;
  }

  get watched(): readonly WatchedModel[] {
    return this.#watched;
  }

  /** Watches these models and no others. Those that are gone are unloaded, without anybody waiting for it. */
  watch(models: readonly WatchedModel[]): void {
    const names = new Set(models.map((model) => model.name));
    const gone = this.#watched.filter((model) => !names.has(model.name));
    this.#watched = models;
    for (const { name } of gone) this.#want(name, new Map());
    this.poll();
  }

  /** Looks at the disk. One base path that is missing makes the whole look fail, as in the server. */
  poll(): void {
    const found = this.#watched.map((model) => ({ model, versions: this.#storage.list(model.basePath) }));
    if (found.some(({ versions }) => versions === undefined)) return;
    for (const { model, versions } of found) this.#want(model.name, choose(model.policy, versions as never));
  }

  /** The version that serves a request: the one named, or the newest that is available. */
  find(model: string, version: bigint | undefined): ServedVersion {
    const versions = this.#models.get(model);
    if (version !== undefined) {
      const named = versions?.get(version);
      if (named?.state === "AVAILABLE") return named;
      throw new ServerError("NOT_FOUND", `Servable not found for request: Specific(${model}, ${version})`);
    }
    let newest: ServedVersion | undefined;
    for (const candidate of versions?.values() ?? []) {
      if (candidate.state === "AVAILABLE" && (newest === undefined || candidate.number > newest.number))
        newest = candidate;
    }
    if (newest === undefined) throw new ServerError("NOT_FOUND", `Servable not found for request: Latest(${model})`);
    return newest;
  }

  /** Every version ever known, highest first. */
  list(model: string): readonly ServedVersion[] {
    return [...(this.#models.get(model)?.values() ?? [])].sort((a, b) => (a.number < b.number ? 1 : -1));
  }

  /** Calls `listener` on each change of state. Returns the way to take it back. */
  onState(listener: (version: ServedVersion) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Puts a version into a state, in which it then stays.
   *
   * @throws TypeError when it shall be AVAILABLE and nothing on the disk says what it does
   */
  pin(model: string, number: bigint, state: ModelVersionState, error: ServerError | undefined): void {
    const watched = this.#watched.find(({ name }) => name === model);
    const definition =
      this.#models.get(model)?.get(number)?.definition ??
      (watched && this.#storage.list(watched.basePath)?.get(number));
    if (state === "AVAILABLE" && definition === undefined) {
      throw new TypeError(`version ${number} of "${model}" cannot be AVAILABLE: it has no definition, add it first`);
    }
    const pinned = new ServedVersion(model, number, definition, this.#changed, { state, error });
    this.#versionsOf(model).set(number, pinned);
    this.#changed(pinned);
  }

  readonly #changed = (version: ServedVersion): void => {
    for (const listener of [...this.#listeners]) listener(version);
    this.#advance(version.model);
  };

  #versionsOf(model: string): Map<bigint, ServedVersion> {
    let versions = this.#models.get(model);
    if (versions === undefined) {
      versions = new Map();
      this.#models.set(model, versions);
    }
    return versions;
  }

  #want(model: string, wanted: ReadonlyMap<bigint, VersionDefinition>): void {
    const before = this.#wanted.get(model);
    this.#wanted.set(model, wanted);
    const versions = this.#versionsOf(model);
    for (const version of versions.values()) {
      if (version.state === "START" && !version.pinned && !wanted.has(version.number)) version.unload();
    }
    for (const [number, definition] of wanted) {
      const known = versions.get(number);
      // A version that failed is not tried again for as long as it stays wanted.
      const isNew = known === undefined || (known.state === "END" && !known.pinned && !before?.has(number));
      if (isNew) versions.set(number, new ServedVersion(model, number, definition, this.#changed));
    }
    if (versions.size === 0) this.#models.delete(model);
    this.#advance(model);
  }

  /** Takes one step after the other until nothing is left to do or a load is under way. */
  #advance(model: string): void {
    const wanted = this.#wanted.get(model);
    if (wanted === undefined) return;
    const versions = this.list(model).filter((version) => !version.pinned);
    const serving = versions.filter((version) => version.state === "AVAILABLE");
    const spare = serving.filter((version) => !wanted.has(version.number));
    const mayUnload = wanted.size === 0 || serving.length > spare.length || spare.length > 1;
    // Each step changes a state, and that change calls this method again for the next step.
    if (spare.length > 0 && mayUnload) spare.at(-1)?.unload();
    else if (!versions.some((version) => version.state === "LOADING")) {
      versions.find((version) => version.state === "START")?.load();
    }
  }
}

function choose(
  policy: VersionPolicy,
  versions: ReadonlyMap<bigint, VersionDefinition>,
): ReadonlyMap<bigint, VersionDefinition> {
  if (policy === "all") return new Map(versions);
  if ("specific" in policy) {
    const listed = new Set(policy.specific.map(toVersionNumber));
    return new Map([...versions].filter(([number]) => listed.has(number)));
  }
  const highestFirst = [...versions].sort(([a], [b]) => (a < b ? 1 : -1));
  return new Map(highestFirst.slice(0, Math.max(1, policy.latest)));
}
