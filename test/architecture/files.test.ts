import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { type Module, ROOT, readModules } from "./modules.ts";

const modules = readModules();

/** Long because they are one table each. */
const TABLES: readonly string[] = [];

/** Files of one wire that have no twin on the other, and why. Folders inside a wire are its own machinery. */
const WITHOUT_TWIN: Readonly<Record<string, string>> = {
  "grpc/messages.ts": "the server's own messages, for users; JSON has none",
  "rest/body.ts": "grpc-js puts the pieces of a message together by itself",
  "rest/compression.ts": "grpc-js compresses by itself",
  "rest/connect-pace.ts": "grpc-js paces its connects by itself",
  "rest/peer-text.ts": "bodies of proxies hold anything; a gRPC message is cut by the library",
  "rest/protobuf-json.ts": "status and metadata are protobuf messages printed as JSON",
  "rest/read-columns.ts": "an answer has two layouts: this one",
  "rest/read-rows.ts": "and this one",
  "rest/read-results.ts": "the list that classify and regress share",
  "rest/reply.ts": "the envelope of a JSON answer; a message has none",
  "rest/socket-error.ts": "grpc-js turns socket errors into statuses by itself",
};

describe("files of src/", () => {
  it("have kebab-case names", () => {
    const odd = modules.filter(({ path }) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path));
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it("are reached by their own names: no index.ts inside a room, no utils", () => {
    const vague = modules.filter(({ path }) => /\/index\.ts$|(^|\/)(utils?|helpers?|misc|common)(\/|\.ts$)/.test(path));
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  it("have at most 400 lines, tables apart", () => {
    const long = modules.filter(({ path, text }) => text.split("\n").length > 400 && !TABLES.includes(path));
    expect(long.map(({ path, text }) => `${path}: ${text.split("\n").length} lines`)).toEqual([]);
  });

  it("never say any", () => {
    expect(modules.flatMap((module) => findAny(module))).toEqual([]);
  });

  it("leave nothing for later", () => {
    const later = modules.flatMap(({ path, text }) =>
      [...text.matchAll(/\b(TODO|FIXME|XXX|HACK)\b/g)].map(([word]) => `${path}: ${word}`),
    );
    expect(later).toEqual([]);
  });

  it("do the same job under the same name on both wires", () => {
    const names = (room: string) =>
      modules
        .filter((module) => module.room === room)
        .map(({ path }) => path.slice(room.length + 1))
        .filter((name) => !name.includes("/"));
    const grpc = new Set(names("grpc"));
    const rest = new Set(names("rest"));
    const single = [
      ...[...grpc].filter((name) => !rest.has(name)).map((name) => `grpc/${name}`),
      ...[...rest].filter((name) => !grpc.has(name)).map((name) => `rest/${name}`),
    ];
    expect(single.sort()).toEqual(Object.keys(WITHOUT_TWIN).sort());
  });
});

describe("files of the repository", () => {
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  })
    .split("\n")
    .filter((path) => path !== "" && existsSync(join(ROOT, path)));

  it("name no place on one machine and no package registry", () => {
    // Put together, so that this file does not name what it looks for.
    const parts = [
      "/ho" + "me/",
      "/Use" + "rs/",
      "/ro" + "ot/",
      "/wo" + "rk/",
      "//[\\w.-]*regis" + "try[\\w-]*\\.",
      "npm" + "js\\.",
    ];
    const places = new RegExp(parts.join("|"));
    const naming = tracked.filter((path) => {
      const text = readFileSync(join(ROOT, path));
      return !text.includes(0) && places.test(text.toString("utf8"));
    });
    expect(naming).toEqual([]);
  });

  it("are all there that package.json's scripts start", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const started = Object.values(scripts).flatMap((line) => line.match(/\S+\.(mjs|ts)\b/g) ?? []);
    expect(started.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

function findAny(module: Module): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      const { line } = module.tree.getLineAndCharacterOfPosition(node.getStart(module.tree));
      found.push(`${module.path}:${line + 1}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(module.tree);
  return found;
}
