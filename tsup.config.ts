import { defineConfig, type Options } from "tsup";
import { doorNames } from "./scripts/build/doors.ts";
import { packedPage } from "./scripts/build/packed-page.ts";
import { baseEntry, importedBase, wholeBase } from "./scripts/build/shared-base.ts";
import { siblingDoors } from "./scripts/build/sibling-doors.ts";
import { thirdPartyLicenses } from "./scripts/build/third-party-licenses.ts";
import { toCommonJs } from "./scripts/build/to-commonjs.ts";

const code: Options = {
  outDir: "dist",
  format: "esm",
  platform: "node",
  target: "node20.18",
  removeNodeProtocol: false,
  // The output is readable as it is; maps would double what users install.
  minify: false,
  sourcemap: false,
  // Everything else is bundled: zod, the protobuf wire reader and commander are devDependencies.
  external: ["@grpc/grpc-js", "undici", "msw", "@opentelemetry/api"],
};

const doors: Options = {
  ...code,
  entry: Object.fromEntries(doorNames().map((name) => [name, `src/${name}.ts`])),
  // What several doors use is there once. A chunk holds only what all of its doors reach, so none loads too much.
  splitting: true,
  esbuildOptions(options) {
    options.chunkNames = "shared-[hash]";
  },
};

/** The rooms below all doors: one file, since tiny ones cost more to open than to read. */
const base: Options = { ...code, entry: baseEntry, esbuildPlugins: [wholeBase()] };

const commonJs: Options = { plugins: [toCommonJs()], outExtension: () => ({ js: ".cjs" }) };

const commandLine: Options = {
  ...code,
  entry: { cli: "src/cli.ts" },
  // A command loads its own part alone: a probe starts one process a look. Nobody reads these files, and small ones start sooner.
  splitting: true,
  minify: true,
  esbuildOptions(options) {
    options.chunkNames = "cli-[hash]";
  },
  esbuildPlugins: [siblingDoors(), packedPage(), thirdPartyLicenses()],
  // commander is CommonJS and asks for builtins by require(), which an ES module does not have.
  banner: {
    js: 'import { createRequire as requireOf } from "node:module";\nconst require = requireOf(import.meta.url);',
  },
};

export default defineConfig([
  base,
  { ...base, ...commonJs },
  { ...doors, esbuildPlugins: [importedBase(".js"), thirdPartyLicenses()] },
  { ...doors, ...commonJs, esbuildPlugins: [importedBase(".cjs")] },
  commandLine,
  // One set of declarations, for both forms: scripts/build/declarations.ts.
  { ...doors, format: "cjs", dts: { only: true } },
]);
