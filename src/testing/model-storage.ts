import type { VersionDefinition, VersionDirectory } from "./model-definition.ts";
import { toVersionNumber } from "./version-number.ts";

/**
 * The disk that the server sees: base paths and the numbered version directories in them. A base path that is not
 * there differs from one that is empty.
 */
export class ModelStorage {
  readonly #directories = new Map<string, Map<bigint, VersionDefinition>>();

  constructor(directories: Readonly<Record<string, VersionDirectory>>) {
    for (const [basePath, versions] of Object.entries(directories)) {
      const directory = new Map<bigint, VersionDefinition>();
      for (const [number, definition] of Object.entries(versions)) directory.set(toVersionNumber(number), definition);
      this.#directories.set(normalize(basePath), directory);
    }
  }

  /** The versions in a base path, or `undefined` when there is no such path. */
  list(basePath: string): ReadonlyMap<bigint, VersionDefinition> | undefined {
    return this.#directories.get(normalize(basePath));
  }

  /** Makes the base path where it is missing. */
  add(basePath: string, version: bigint, definition: VersionDefinition): void {
    const path = normalize(basePath);
    let directory = this.#directories.get(path);
    if (directory === undefined) {
      directory = new Map();
      this.#directories.set(path, directory);
    }
    directory.set(version, definition);
  }

  /** Leaves the base path, though it may be empty then. */
  remove(basePath: string, version: bigint): boolean {
    return this.#directories.get(normalize(basePath))?.delete(version) ?? false;
  }
}

function normalize(basePath: string): string {
  return basePath.replace(/\/+$/, "");
}
