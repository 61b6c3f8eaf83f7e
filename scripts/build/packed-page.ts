import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import type { BuildPlugin } from "./doors.ts";

/**
 * Puts the page of the HTML reports into the package at half its size: each text of generated/report/page.ts compressed,
 * and unpacked when the module is loaded, which only a command that writes a report does.
 */
export function packedPage(): BuildPlugin {
  return {
    name: "packed-page",
    setup(build) {
      build.onLoad({ filter: /[\\/]generated[\\/]report[\\/]page\.ts$/ }, ({ path }) => {
        const contents = readFileSync(path, "utf8").replace(
          /^export const (\w+) = (".*");$/gm,
          (_line, name: string, text: string) => {
            const packed = brotliCompressSync(Buffer.from(JSON.parse(text) as string)).toString("base64");
            return `export const ${name} = brotliDecompressSync(Buffer.from("${packed}", "base64")).toString();`;
          },
        );
        return { contents: `import { brotliDecompressSync } from "node:zlib";\n${contents}`, loader: "ts" };
      });
    },
  };
}
