import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTestServer, type TestServer } from "tfserving/testing";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { announced, ROOT, runProgram } from "./run-program.ts";

/** Inside the repository, so that `tfserving` is this package by its own name. */
const FOLDER = join(ROOT, ".cache", "readme");

const blocks = [...readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/^```ts run\n(.*?)^```$/gms)].map(
  ([, source], index) => ({
    title: `block ${index + 1}`,
    file: join(FOLDER, `block-${index + 1}.ts`),
    source: source as string,
  }),
);

describe("README", () => {
  let server: TestServer;

  beforeAll(async () => {
    const vector = { dtype: "float32", shape: [-1] };
    server = await createTestServer({
      models: {
        half_plus_two: {
          versions: {
            1: {
              signatures: { serving_default: { inputs: { x: vector }, outputs: { y: vector } } },
              predict: ({ x }) => ({ y: Float32Array.from(x?.data as Float32Array, (value) => value / 2 + 2) }),
            },
          },
        },
      },
    });
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const { file, source } of blocks) {
      const there = source
        .replaceAll("grpc://localhost:8500", server.grpcAddress)
        .replaceAll("http://localhost:8501", server.restAddress);
      writeFileSync(file, there);
    }
  });

  afterAll(() => server.close());

  it("has code to run", () => {
    expect(blocks.length).toBeGreaterThan(3);
  });

  it("has code that compiles as it stands", () => {
    const program = ts.createProgram(
      blocks.map(({ file }) => file),
      {
        strict: true,
        noUncheckedIndexedAccess: true,
        noPropertyAccessFromIndexSignature: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        types: ["node"],
      },
    );
    const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
    expect(problems).toEqual([]);
  });

  it.each(blocks)("has in $title code that prints what it says", async ({ file, source }) => {
    expect((await runProgram(file)).trimEnd().split("\n")).toEqual(announced(source));
  });
});
