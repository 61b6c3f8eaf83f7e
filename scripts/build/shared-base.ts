import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type BuildPlugin, SOURCE } from "./doors.ts";

/** The rooms that all others stand on. They use nothing but each other, as test/architecture/ holds them to. */
const ROOMS = ["internal", "errors", "tensor", "contract"].map((room) => join(SOURCE, room));

/** What the file is made of; read by `wholeBase`, which asks for no single file. */
export const baseEntry = { "shared-base": SOURCE };

/**
 * Puts those rooms into one file. Left alone, the bundler makes a chunk for each set of doors that use some of them: ten
 * files of a few lines, and opening a file takes longer than reading it. This plugin is for the file itself.
 */
export function wholeBase(): BuildPlugin {
  return {
    name: "whole-base",
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path, kind }) =>
        kind === "entry-point" ? { path, namespace: "shared-base" } : undefined,
      );
      build.onLoad({ filter: /./, namespace: "shared-base" }, () => ({ contents: handOnAll(), resolveDir: SOURCE }));
    },
  };
}

/** For the doors: they import that file, instead of bundling what it holds. */
export function importedBase(extension: ".js" | ".cjs"): BuildPlugin {
  return {
    name: "imported-base",
    setup(build) {
      build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, importer }) =>
        ROOMS.includes(dirname(resolve(dirname(importer), path)))
          ? { path: `./shared-base${extension}`, external: true, sideEffects: false }
          : undefined,
      );
    },
  };
}

function handOnAll(): string {
  const modules = ROOMS.flatMap((room) => readdirSync(room).map((name) => join(room, name)));
  return modules.map((path) => `export * from ${JSON.stringify(path)};\n`).join("");
}
