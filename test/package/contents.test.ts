import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { describe, expect, inject, it } from "vitest";
import { PROGRAM, STYLE } from "../../generated/report/page.ts";
import { ROOT } from "./installed.ts";

const { files, project } = inject("installed");
const folder = join(project, "node_modules", "tfserving");
const read = (path: string) => readFileSync(join(folder, path), "utf8");
const code = files.map(({ path }) => path).filter((path) => /\.c?js$/.test(path));

describe("the packed package", () => {
  it("holds the build, the licences and three documents, nothing else", () => {
    const rest = files.map(({ path }) => path).filter((path) => !/^dist\/[\w.-]+\.(c?js|d\.c?ts)$/.test(path));
    expect(rest.sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/THIRD-PARTY-LICENSES.txt",
      "package.json",
    ]);
  });

  it("takes at most 3 MiB on disk", () => {
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    expect(bytes / 1024).toBeLessThan(3072);
  });

  it("imports builtins by node:, its two dependencies, the optional peers and its own files", () => {
    const allowed = ["@grpc/grpc-js", "undici", "msw", "@opentelemetry/api"];
    const found = code.flatMap((path) =>
      [
        ...read(path).matchAll(
          /(?:^|[;}])(?:import|export)\b[^;"'`]*?\bfrom ?["']([^"']+)["']|\b(?:import|require)\(["']([^"']+)["']\)/gm,
        ),
      ]
        .map(([, from, called]) => from ?? (called as string))
        .filter((name) => !name.startsWith("./") && !allowed.includes(name))
        .filter((name) => !(name.startsWith("node:") && builtinModules.includes(name.slice("node:".length)))),
    );
    expect(found).toEqual([]);
  });

  it("makes no code at run time", () => {
    const makers = code.filter((path) => /\beval\(|\bnew Function\b|\bFunction\(/.test(read(path)));
    expect(makers).toEqual([]);
  });

  it("names no place on the machine that built it", () => {
    for (const { path } of files) expect(read(path).includes(ROOT), path).toBe(false);
  });

  it("holds the page of reports as it was generated, packed", () => {
    const texts = code.flatMap((path) =>
      [...read(path).matchAll(/\bBuffer\.from\("([A-Za-z0-9+/=]{500,})", ?"base64"\)/g)].map(([, packed = ""]) =>
        brotliDecompressSync(Buffer.from(packed, "base64")).toString(),
      ),
    );
    expect(texts.sort()).toEqual([PROGRAM, STYLE].sort());
  });

  it("gives the licence of all code that was bundled", () => {
    const notices = read("dist/THIRD-PARTY-LICENSES.txt");
    const names = [...notices.matchAll(/^(\S+) \d+\.\d+\.\d+ \(/gm)].map(([, name]) => name);
    expect(names).toEqual(["@bufbuild/protobuf", "commander", "uplot", "zod"]);
    expect(notices.match(/Permission is hereby granted/g)).toHaveLength(3);
    expect(notices).toContain("Redistribution and use in source and binary forms");
  });
});
