import { defineConfig, type Options } from "tsup";
import { doorNames } from "./scripts/build/doors.ts";
import { siblingDoors } from "./scripts/build/sibling-doors.ts";
import { thirdPartyLicenses } from "./scripts/build/third-party-licenses.ts";

const shared: Options = {
  outDir: "dist",
  platform: "node",
  target: "node20.18",
  // One file a door: no door drags in another one's library by a shared chunk, and the folder can be read.
  splitting: false,
  // The output is readable as it is; maps would double what users install.
  minify: false,
  sourcemap: false,
  // Everything else is bundled: zod, the protobuf wire reader and commander are devDependencies.
  external: ["@grpc/grpc-js", "undici", "msw"],
  esbuildPlugins: [siblingDoors(), thirdPartyLicenses()],
};

export default defineConfig([
  {
    ...shared,
    entry: Object.fromEntries(doorNames().map((name) => [name, `src/${name}.ts`])),
    format: ["esm", "cjs"],
    dts: true,
    // The command line is built beside this, and may already be there.
    clean: ["!cli.js"],
  },
  { ...shared, entry: { cli: "src/cli.ts" }, format: "esm" },
]);
