import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const SOURCE = join(ROOT, "src");

/** One import of a module, however it is written: `import`, `export … from`, `import()`, `import("…").Type`. */
export interface Import {
  readonly specifier: string;
  /** Path under src/, for a relative import. */
  readonly target: string | undefined;
  /** How it is there at run time: not at all, with the module, or when the line is reached. */
  readonly load: "type" | "static" | "dynamic";
}

export interface Module {
  /** Path under src/, with slashes. */
  readonly path: string;
  /** First folder of the path; `undefined` for a door. */
  readonly room: string | undefined;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** Every module under src/, parsed. */
export function readModules(): Module[] {
  return readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => parseModule(path, readFileSync(join(SOURCE, path), "utf8")));
}

export function parseModule(path: string, text: string): Module {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const room = path.includes("/") ? path.slice(0, path.indexOf("/")) : undefined;
  return { path, room, text, tree, imports: importsOf(path, tree) };
}

function importsOf(path: string, tree: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (specifier: ts.Expression | undefined, load: Import["load"]): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const relative = specifier.text.startsWith(".");
    const target = relative ? posix.normalize(posix.join(posix.dirname(path), specifier.text)) : undefined;
    imports.push({ specifier: specifier.text, target, load });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? "type" : "static");
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly ? "type" : "static");
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal as ts.Expression, "type");
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], "dynamic");
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return imports;
}

/** What `start` loads when it is imported: modules under src/ and packages, over static imports alone. */
export function reachOf(start: string, modules: readonly Module[]): { modules: Set<string>; packages: Set<string> } {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const reached = { modules: new Set<string>(), packages: new Set<string>() };
  const visit = (path: string): void => {
    if (reached.modules.has(path)) return;
    reached.modules.add(path);
    for (const { specifier, target, load } of byPath.get(path)?.imports ?? []) {
      if (load !== "static") continue;
      if (target === undefined) reached.packages.add(packageOf(specifier));
      else visit(target);
    }
  };
  visit(start);
  return reached;
}

/** `@scope/name` or `name` of a specifier; builtins and `#…` stay as they are. */
export function packageOf(specifier: string): string {
  if (specifier.startsWith("node:") || specifier.startsWith("#")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
