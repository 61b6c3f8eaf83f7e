import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { type Module, ROOT, readModules } from "./modules.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly sideEffects: boolean;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
const modules = readModules();
const doors = modules.filter((module) => module.room === undefined);

describe("doors", () => {
  it("are the exports of package.json and its bin, no more and no fewer", () => {
    const exported = Object.keys(manifest.exports).filter((key) => key !== "./package.json");
    const expected = [...exported.map(doorOfExport), "cli.ts"];
    expect(doors.map((door) => door.path).sort()).toEqual(expected.sort());
  });

  it("have files in dist/ that are named after them, types first, for import and require", () => {
    for (const [key, target] of Object.entries(manifest.exports)) {
      if (key === "./package.json") continue;
      const name = doorOfExport(key).replace(/\.ts$/, "");
      expect(target).toEqual({
        import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
        require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
      });
    }
    expect(manifest.bin).toEqual({ tfserving: "./dist/cli.js" });
  });

  it("hold exports and nothing else", () => {
    const logic = doors
      .filter((door) => door.path !== "cli.ts")
      .flatMap((door) => door.tree.statements.filter((node) => !isReexport(node)).map((node) => shown(door, node)));
    expect(logic).toEqual([]);
  });

  it("name what they export, so that nothing becomes public by accident", () => {
    const stars = doors.flatMap((door) =>
      door.tree.statements
        .filter((node) => ts.isExportDeclaration(node) && node.exportClause === undefined)
        .map((node) => shown(door, node)),
    );
    expect(stars).toEqual([]);
  });

  it("include a command line that is one call", () => {
    const cli = doors.find((door) => door.path === "cli.ts");
    expect(cli?.text.startsWith("#!/usr/bin/env node\n")).toBe(true);
    const kinds = cli?.tree.statements.map((node) =>
      ts.isImportDeclaration(node) ? "import" : ts.SyntaxKind[node.kind],
    );
    expect(kinds).toEqual(["import", "ExpressionStatement"]);
  });

  it("carry the transports that the main door loads on first use", () => {
    const namesOf = (path: string) => doors.find((door) => door.path === path)?.text ?? "";
    expect(namesOf("grpc.ts")).toContain("createGrpcTransport");
    expect(namesOf("rest.ts")).toContain("createRestTransport");
  });
});

describe("package.json", () => {
  it("has the version that the code says it has", () => {
    const version = modules.find((module) => module.path === "internal/version.ts");
    expect(version?.text).toContain(`"${manifest.version}"`);
  });

  it("promises no side effects, and no module has any when it is loaded", () => {
    expect(manifest.sideEffects).toBe(false);
    const effects = modules
      .filter((module) => module.path !== "cli.ts")
      .flatMap((module) => module.tree.statements.filter(isWork).map((node) => shown(module, node)));
    expect(effects).toEqual([]);
  });

  it("installs without a script of its own", () => {
    const installing = ["preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare"];
    expect(Object.keys(manifest.scripts).filter((name) => installing.includes(name))).toEqual([]);
  });
});

function doorOfExport(key: string): string {
  return key === "." ? "index.ts" : `${key.slice("./".length).replaceAll("/", "-")}.ts`;
}

function isReexport(node: ts.Statement): boolean {
  return ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined;
}

/** A statement that does something when its module is loaded, other than giving a value a name or finishing a class. */
function isWork(node: ts.Statement): boolean {
  return !(
    isClassFinish(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isVariableStatement(node)
  );
}

/** `Object.defineProperty(Tensor.prototype, …)` beside the class: a member that class syntax cannot write. */
function isClassFinish(node: ts.Statement): boolean {
  const [, name] = /^Object\.defineProperty\((\w+)\.prototype,/.exec(node.getText()) ?? [];
  return node.getSourceFile().statements.some((other) => ts.isClassDeclaration(other) && other.name?.text === name);
}

function shown(module: Module, node: ts.Node): string {
  const { line } = module.tree.getLineAndCharacterOfPosition(node.getStart(module.tree));
  return `${module.path}:${line + 1} ${node.getText(module.tree).slice(0, 80)}`;
}
