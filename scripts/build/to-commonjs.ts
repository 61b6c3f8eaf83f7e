import { transform } from "sucrase";
import type { Options } from "tsup";

type TsupPlugin = NonNullable<Options["plugins"]>[number];

/**
 * Turns the bundler's ES modules into CommonJS, for the bundler can share chunks only between ES modules. Sucrase touches
 * imports and exports alone: all else stands as in the other form, and its exports are plain properties, which cost
 * nothing to read.
 */
export function toCommonJs(): TsupPlugin {
  return {
    name: "to-commonjs",
    renderChunk: (code) => transform(code, { transforms: ["imports"], disableESTransforms: true }),
  };
}
