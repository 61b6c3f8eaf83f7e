import type { Options } from "tsup";
import ts from "typescript";

type TsupPlugin = NonNullable<Options["plugins"]>[number];

/**
 * Turns the bundler's ES modules into CommonJS, for the bundler can share chunks only between ES modules. Nothing but
 * imports and exports is touched: all else stands as in the other form. An import becomes a plain constant and an export
 * a plain property, which holds because chunks are in no circle and no name that one exports is ever assigned again.
 */
export function toCommonJs(): TsupPlugin {
  return { name: "to-commonjs", renderChunk: (code, { path }) => ({ code: commonJsOf(code, path) }) };
}

function commonJsOf(code: string, path: string): string {
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const edits: Edit[] = [];
  const exported = new Set<string>();
  const assigned = new Set<string>();
  visit(file);
  for (const name of exported) {
    if (assigned.has(name)) throw new Error(`${path}: export "${name}" changes after it was handed on`);
  }
  return `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n${edited(code, edits)}`;

  function visit(node: ts.Node): void {
    const text = replacementOf(node);
    if (text !== undefined) {
      edits.push({ start: node.getStart(file), end: node.end, text });
      return;
    }
    const target = targetOf(node);
    if (target !== undefined) for (const name of namesIn(target)) assigned.add(name);
    ts.forEachChild(node, visit);
  }

  /** What stands in CommonJS for a node that CommonJS does not have. */
  function replacementOf(node: ts.Node): string | undefined {
    if (ts.isImportDeclaration(node)) return importOf(node);
    if (ts.isExportDeclaration(node)) return exportOf(node);
    if (isDynamicImport(node)) return `Promise.resolve().then(() => require(${node.arguments.map(textOf).join()}))`;
    if (ts.isMetaProperty(node) || ts.isExportAssignment(node)) throw new Error(`${path}: ${textOf(node)}`);
    return undefined;
  }

  function importOf({ importClause, moduleSpecifier }: ts.ImportDeclaration): string {
    const from = `require(${textOf(moduleSpecifier)});`;
    if (importClause === undefined) return from;
    const bindings = importClause.namedBindings;
    if (importClause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) {
      throw new Error(`${path}: only imports by name are known here: ${textOf(importClause)}`);
    }
    const names = bindings.elements.map(({ name, propertyName }) =>
      propertyName === undefined ? `  ${name.text}` : `  ${textOf(propertyName)}: ${name.text}`,
    );
    return `const {\n${names.join(",\n")}\n} = ${from}`;
  }

  function exportOf({ exportClause, moduleSpecifier }: ts.ExportDeclaration): string {
    if (moduleSpecifier !== undefined || exportClause === undefined || !ts.isNamedExports(exportClause)) {
      throw new Error(`${path}: only a list of names is known here`);
    }
    return exportClause.elements
      .map(({ name, propertyName }) => {
        const local = textOf(propertyName ?? name);
        exported.add(local);
        return `exports.${name.text} = ${local};`;
      })
      .join("\n");
  }

  function textOf(node: ts.Node): string {
    return node.getText(file);
  }
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with some ranges replaced; they come in the order of the text. */
function edited(text: string, edits: readonly Edit[]): string {
  let result = "";
  let from = 0;
  for (const edit of edits) {
    result += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return result + text.slice(from);
}

function isDynamicImport(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
}

/** What an expression gives a new value to, if it gives one; the value that a declaration begins with is none. */
function targetOf(node: ts.Node): ts.Node | undefined {
  if (ts.isBinaryExpression(node)) return isAssignment(node.operatorToken.kind) ? node.left : undefined;
  const isUnary = ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node);
  return isUnary && STEPS.has(node.operator) ? node.operand : undefined;
}

const STEPS: ReadonlySet<ts.SyntaxKind> = new Set([ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken]);

function isAssignment(operator: ts.SyntaxKind): boolean {
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}

/** The variables of a target: itself, or those of a pattern. */
function namesIn(target: ts.Node): string[] {
  if (ts.isIdentifier(target)) return [target.text];
  if (ts.isShorthandPropertyAssignment(target)) return [target.name.text];
  if (ts.isPropertyAssignment(target)) return namesIn(target.initializer);
  if (ts.isSpreadElement(target) || ts.isSpreadAssignment(target)) return namesIn(target.expression);
  if (ts.isArrayLiteralExpression(target)) return target.elements.flatMap(namesIn);
  return ts.isObjectLiteralExpression(target) ? target.properties.flatMap(namesIn) : [];
}
