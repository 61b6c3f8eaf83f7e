import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import ts from "typescript";
import { describe, expect, inject, it } from "vitest";
import { ROOT } from "./installed.ts";

const { tarball, project } = inject("installed");

describe("the packed package", () => {
  it("has nothing that publint objects to", async () => {
    const bytes = readFileSync(tarball);
    const content = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages } = await publint({ pack: { tarball: content }, strict: true });
    expect(messages).toEqual([]);
  });

  it("has declarations that fit what import and require get", () => {
    // Profile node16: TypeScript's oldest resolution knows no package exports, and no Node that is supported uses it.
    const attw = join(ROOT, "node_modules", ".bin", "attw");
    const { stdout } = spawnSync(attw, [tarball, "--profile", "node16", "--format", "json"], { encoding: "utf8" });
    const { problems, analysis } = JSON.parse(stdout);
    expect(Object.keys(analysis.entrypoints).sort()).toEqual([
      ".",
      "./config",
      "./grpc",
      "./health",
      "./opentelemetry",
      "./package.json",
      "./rest",
      "./testing",
      "./testing/msw",
    ]);
    const ofNode10 = (found: { resolutionKind?: string }) => found.resolutionKind === "node10";
    const all = Object.values(problems ?? {}).flat() as { resolutionKind?: string }[];
    expect(all.filter((found) => !ofNode10(found))).toEqual([]);
  });

  const { NodeNext, ESNext } = ts.ModuleKind;
  it.each([
    ["import", "types.mts", NodeNext, ts.ModuleResolutionKind.NodeNext],
    ["require", "types.cts", NodeNext, ts.ModuleResolutionKind.NodeNext],
    ["a bundler", "types.mts", ESNext, ts.ModuleResolutionKind.Bundler],
  ])(
    "compiles in a strict application that uses %s, declarations of dependencies included",
    (_form, file, module, moduleResolution) => {
      const program = ts.createProgram([join(project, file)], {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noPropertyAccessFromIndexSignature: true,
        noEmit: true,
        target: ts.ScriptTarget.ES2022,
        module,
        moduleResolution,
        types: ["node"],
        typeRoots: [join(ROOT, "node_modules", "@types")],
      });
      const problems = ts.getPreEmitDiagnostics(program).map((found) => {
        const text = ts.flattenDiagnosticMessageText(found.messageText, " ");
        return `${found.file?.fileName.replace(project, "") ?? ""}: ${text}`;
      });
      expect(problems).toEqual([]);
    },
  );
});
