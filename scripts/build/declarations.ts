import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { doorNames, ROOT } from "./doors.ts";

/**
 * Makes the declarations whole. The bundler wrote those of the CommonJS form; both forms share them, for there is
 * nothing in them that depends on the form, and a module may take its types from either.
 */
export function finishDeclarations(dist: string): void {
  bundleWireTypes(dist);
  for (const door of doorNames()) writeFileSync(join(dist, `${door}.d.ts`), declarationsForImport(dist, door));
}

/** What `import` gets. msw has types for each form: the door that names them stands twice, so that each finds its own. */
function declarationsForImport(dist: string, door: string): string {
  const text = readFileSync(join(dist, `${door}.d.cts`), "utf8");
  return /\bfrom 'msw'/.test(text) ? text : `export * from "./${door}.cjs";\n`;
}

/**
 * The generated messages name the types of the protobuf writer and reader. Their code is bundled, so their
 * declarations have to come along too: an application does not have that package.
 */
function bundleWireTypes(dist: string): void {
  const types = join(ROOT, "node_modules", "@bufbuild", "protobuf", "dist", "esm", "wire", "binary-encoding.d.ts");
  const files = readdirSync(dist).filter((name) => name.endsWith(".d.cts"));
  copyFileSync(types, join(dist, "protobuf-wire.d.cts"));
  for (const file of files) {
    const text = readFileSync(join(dist, file), "utf8");
    const local = text.replaceAll("'@bufbuild/protobuf/wire'", "'./protobuf-wire.cjs'");
    if (local !== text) writeFileSync(join(dist, file), local);
  }
}
