import { dirname, relative, resolve } from "node:path";
import { type BuildPlugin, doorNames, SOURCE } from "./doors.ts";

/** What the main door loads on first use, and the door that carries it. */
const LOADED_ON_USE: Readonly<Record<string, string>> = { "grpc/transport.ts": "grpc", "rest/transport.ts": "rest" };

/**
 * Leaves some imports to a sibling file of dist/ instead of bundling their code a second time:
 * - `import("../grpc/transport.ts")` becomes `import("./grpc.js")`, so that the main door stays small and loads a
 *   wire's library with the first client of that wire;
 * - a door that the command line imports becomes that door's file.
 */
export function siblingDoors(): BuildPlugin {
  const doors = doorNames();
  return {
    name: "sibling-doors",
    setup(build) {
      const extension = build.initialOptions.format === "cjs" ? ".cjs" : ".js";
      build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, importer, kind }) => {
        if (importer === "") return undefined;
        const target = relative(SOURCE, resolve(dirname(importer), path)).replaceAll("\\", "/");
        const name = target.replace(/\.ts$/, "");
        const door = doors.includes(name) ? name : kind === "dynamic-import" ? LOADED_ON_USE[target] : undefined;
        return door === undefined ? undefined : { path: `./${door}${extension}`, external: true, sideEffects: false };
      });
    },
  };
}
