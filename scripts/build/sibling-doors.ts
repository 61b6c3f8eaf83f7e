import { dirname, relative, resolve } from "node:path";
import { type BuildPlugin, doorNames, SOURCE } from "./doors.ts";

/** Leaves a door that the command line imports to that door's file in dist/, instead of bundling it a second time. */
export function siblingDoors(): BuildPlugin {
  const doors = doorNames();
  return {
    name: "sibling-doors",
    setup(build) {
      build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, importer }) => {
        const name = relative(SOURCE, resolve(dirname(importer), path)).replace(/\.ts$/, "");
        return doors.includes(name) ? { path: `./${name}.js`, external: true, sideEffects: false } : undefined;
      });
    },
  };
}
