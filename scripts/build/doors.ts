import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Options } from "tsup";

/** A plugin of the bundler, as tsup hands it on. */
export type BuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];

// Not import.meta.dirname: the configuration is loaded as one bundled file, where only import.meta.url is kept right.
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const SOURCE = resolve(ROOT, "src");

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly default: string } }>>;
}

/** File names of the doors, read from package.json: what is exported is what is built. */
export function doorNames(): string[] {
  const manifest = JSON.parse(readFileSync(resolve(ROOT, "package.json"), "utf8")) as Manifest;
  return Object.values(manifest.exports)
    .filter((target) => typeof target !== "string")
    .map((target) => basename(target.import.default, ".js"))
    .filter((name) => existsSync(resolve(SOURCE, `${name}.ts`)));
}
