import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type BuildPlugin, ROOT } from "./doors.ts";

/**
 * Writes dist/THIRD-PARTY-LICENSES.txt: the licence of every package whose code lies in the bundles, as its own
 * LICENSE file has it, or as the heads of its bundled files have it where there is none.
 */
export function thirdPartyLicenses(): BuildPlugin {
  return {
    name: "third-party-licenses",
    setup(build) {
      build.onEnd(({ metafile }) => {
        if (metafile === undefined) return;
        const files = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
        for (const file of files) {
          const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? heldBy(file);
          if (name !== undefined) bundled.set(name, (bundled.get(name) ?? new Set()).add(resolve(ROOT, file)));
        }
        mkdirSync(resolve(ROOT, "dist"), { recursive: true });
        writeFileSync(resolve(ROOT, "dist/THIRD-PARTY-LICENSES.txt"), print());
      });
    },
  };
}

/** The package whose code a generated file holds as text, as the file itself says. */
function heldBy(file: string): string | undefined {
  if (!file.startsWith("generated/")) return undefined;
  return /^\/\/ Holds code of: (\S+)$/m.exec(readFileSync(resolve(ROOT, file), "utf8").slice(0, 500))?.[1];
}

/** Package to its bundled files, over all the bundles of one build. */
const bundled = new Map<string, Set<string>>();

function print(): string {
  const sections = [...bundled.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, files]) => {
      const manifest = JSON.parse(readFileSync(resolve(ROOT, "node_modules", name, "package.json"), "utf8"));
      return `${name} ${manifest.version} (${manifest.license})\n\n${licenseText(name, files)}\n`;
    });
  return ["Code of these packages is part of the files in this folder.\n", ...sections].join(`\n${"-".repeat(80)}\n\n`);
}

function licenseText(name: string, files: ReadonlySet<string>): string {
  const path = resolve(ROOT, "node_modules", name, "LICENSE");
  if (existsSync(path)) return readFileSync(path, "utf8").trim();
  const heads = [...files].map((file) => /^(?:\s*\/\/[^\n]*\n)+/.exec(readFileSync(file, "utf8"))?.[0] ?? "");
  return [...new Set(heads.map((head) => head.replaceAll(/^\s*\/\/ ?/gm, "").trim()))].filter(Boolean).join("\n\n");
}
