/**
 * The WebAssembly kernels of kernels/, compiled and packed as TypeScript modules, so that they need no file beside the
 * code and load in every bundle. Part of `npm run generate`.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Writes `kernels/*.ts` into a folder. */
export async function writeKernels(folder) {
  mkdirSync(join(folder, "kernels"), { recursive: true });
  for (const file of readdirSync(join(root, "kernels"))) {
    if (!file.endsWith(".ts")) continue;
    const text = [
      `// Made by \`npm run generate\` (scripts/kernels.mjs) from kernels/${file}. Do not edit.`,
      "",
      "/** A WebAssembly module in base64. */",
      `export const ${file.slice(0, -".ts".length).replaceAll("-", "_").toUpperCase()} =`,
      `  "${Buffer.from(await compile(file)).toString("base64")}";`,
      "",
    ].join("\n");
    writeFileSync(join(folder, "kernels", file), text);
  }
}

/** Optimised, with SIMD, 256 KiB of memory, and neither a garbage collector nor anything to import. */
async function compile(file) {
  let binary;
  const options = ["-O3", "--runtime", "stub", "--enable", "simd", "--noAssert"];
  const memory = ["--initialMemory", "4", "--maximumMemory", "4"];
  const { error, stderr } = await asc.main(
    [file, "--baseDir", join(root, "kernels"), "--outFile", "kernel.wasm", ...options, ...memory],
    {
      writeFile: (_name, contents) => {
        binary = contents;
      },
    },
  );
  if (error) throw new Error(`kernels/${file}: ${error.message}\n${stderr}`);
  return binary;
}
