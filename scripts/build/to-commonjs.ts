import type { Options } from "tsup";
import ts from "typescript";

type TsupPlugin = NonNullable<Options["plugins"]>[number];

/**
 * Turns the bundler's ES modules into CommonJS, for the bundler can share chunks only between ES modules. TypeScript
 * does it because it leaves all else as it is, and because its exports are plain properties, which cost nothing to read.
 */
export function toCommonJs(): TsupPlugin {
  return {
    name: "to-commonjs",
    renderChunk(code) {
      const { outputText } = ts.transpileModule(code, {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true },
      });
      return { code: outputText };
    },
  };
}
