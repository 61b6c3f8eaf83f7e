import { describe, expect, it } from "vitest";
import { type Module, parseModule, reachOf, readModules } from "./modules.ts";
import { brokenWalls, MAY_USE } from "./walls.ts";

const modules = readModules();
const doors = modules.filter((module) => module.room === undefined).map((module) => module.path);

describe("walls between rooms", () => {
  it("are kept by every import, type-only ones included", () => {
    expect(modules.flatMap((module) => brokenWalls(module, doors))).toEqual([]);
  });

  it("stand around every folder of src/", () => {
    const rooms = new Set(modules.map((module) => module.room).filter((room) => room !== undefined));
    expect([...rooms].filter((room) => !(room in MAY_USE))).toEqual([]);
  });

  it("let no import name a file that is not there", () => {
    const paths = new Set(modules.map((module) => module.path));
    const missing = modules.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target !== undefined && !paths.has(target))
        .map(({ specifier }) => `${path}: ${specifier}`),
    );
    expect(missing).toEqual([]);
  });

  it.each([
    ["contract/a.ts", 'import type { X } from "../client/x.ts";'],
    ["grpc/a.ts", 'import { x } from "../rest/x.ts";'],
    ["client/a.ts", 'export { x } from "../grpc/x.ts";'],
    ["client/a.ts", 'type X = import("#generated/x.ts").X;'],
    ["client/a.ts", 'import { x } from "../index.ts";'],
    ["cli/a.ts", 'import { x } from "../client/x.ts";'],
    ["assembly/a.ts", 'const x = await import("../testing/rest-server.ts");'],
    ["rest/a.ts", 'import * as grpc from "@grpc/grpc-js";'],
    ["client/a.ts", 'import { z } from "zod";'],
    ["client/a.ts", 'import axios from "axios";'],
    ["index.ts", 'export { main } from "./cli/main.ts";'],
  ])("refuse, in %s, %s", (path, text) => {
    expect(brokenWalls(parseModule(path, text), doors)).toHaveLength(1);
  });
});

describe("imports, those of types too", () => {
  it("make no circle", () => {
    expect(findCircles(modules)).toEqual([]);
  });

  it("are seen to make a circle where they do", () => {
    const circle = [
      parseModule("a/x.ts", 'import { y } from "./y.ts";'),
      parseModule("a/y.ts", 'import { z } from "./z.ts"; import type { x } from "./x.ts";'),
      parseModule("a/z.ts", 'export { x } from "./x.ts";'),
    ];
    expect(findCircles(circle)).toEqual(["a/x.ts -> a/y.ts -> a/z.ts -> a/x.ts", "a/x.ts -> a/y.ts -> a/x.ts"]);
  });
});

describe("imports at run time", () => {
  it.each([
    ["index.ts", /^(grpc|rest|testing|cli)\//, ["@grpc/grpc-js", "@bufbuild/protobuf", "undici", "msw", "commander"]],
    ["grpc.ts", /^(rest|testing|cli)\//, ["undici", "msw", "commander"]],
    ["rest.ts", /^(grpc|testing|cli)\//, ["@grpc/grpc-js", "@bufbuild/protobuf", "msw", "commander"]],
    ["health.ts", /^(grpc|rest|testing|cli)\//, ["@grpc/grpc-js", "@bufbuild/protobuf", "undici", "msw", "commander"]],
    [
      "config.ts",
      /^(client|policies|assembly|grpc|rest|health|testing|cli)\//,
      ["@grpc/grpc-js", "@bufbuild/protobuf", "undici", "msw", "commander", "zod"],
    ],
    [
      "opentelemetry.ts",
      /^(client|policies|assembly|grpc|rest|testing|cli)\//,
      ["@grpc/grpc-js", "@bufbuild/protobuf", "undici", "msw", "commander", "zod"],
    ],
    ["testing.ts", /^(grpc|rest|cli)\//, ["undici", "msw", "commander", "vitest"]],
    ["testing-msw.ts", /^(grpc|rest|cli)\//, ["@grpc/grpc-js", "undici", "commander", "vitest"]],
  ])("of %s stay away from what it promises not to load", (door, rooms, packages) => {
    const reached = reachOf(door, modules);
    expect([...reached.modules].filter((path) => rooms.test(path))).toEqual([]);
    expect(packages.filter((name) => reached.packages.has(name))).toEqual([]);
  });
});

/** Circles of imports, those of types too, each once, as a path that ends where it begins. */
function findCircles(among: readonly Module[]): string[] {
  const byPath = new Map(among.map((module) => [module.path, module]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    if (done.has(path)) return;
    for (const { target, load } of byPath.get(path)?.imports ?? []) {
      if (load !== "dynamic" && target !== undefined) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of among) visit(path, []);
  return circles;
}
