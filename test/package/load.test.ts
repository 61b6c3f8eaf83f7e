import { describe, expect, inject, it } from "vitest";
import { NODES, run } from "./installed.ts";

interface Loaded {
  readonly names: readonly string[];
  readonly packages: readonly string[];
  readonly globalsChanged: boolean;
  readonly resources: readonly string[];
}

const { project } = inject("installed");
const LOWEST = NODES["20.18.1"] as string;
const FORMS = ["import", "require"] as const;

/** Each door: one of its names, and libraries that it must not load. */
const DOORS = [
  { door: "tfserving", name: "createClient", without: ["@grpc/grpc-js", "undici", "msw"] },
  { door: "tfserving/grpc", name: "createGrpcClient", without: ["undici", "msw"] },
  { door: "tfserving/rest", name: "createRestClient", without: ["@grpc/grpc-js", "msw"] },
  { door: "tfserving/health", name: "createHealthCheck", without: ["@grpc/grpc-js", "undici", "msw"] },
  { door: "tfserving/testing", name: "createTestServer", without: ["undici", "msw"] },
  { door: "tfserving/testing/msw", name: "tfServingHandlers", without: ["@grpc/grpc-js", "undici"] },
];

describe.each(DOORS)("$door", ({ door, name, without }) => {
  const loaded = FORMS.map((form) => JSON.parse(run(LOWEST, project, ["load.mjs", door, form])) as Loaded);

  it("has the same names by import and by require", () => {
    expect(loaded[0]?.names).toContain(name);
    expect(loaded[0]?.names).toEqual(loaded[1]?.names);
  });

  it(`loads no ${without.join(", no ")}`, () => {
    for (const { packages } of loaded)
      expect(packages.filter((loadedName) => without.includes(loadedName))).toEqual([]);
  });

  it("changes no global and leaves nothing running", () => {
    for (const { globalsChanged, resources } of loaded) {
      expect(globalsChanged).toBe(false);
      expect(resources).toEqual([]);
    }
  });
});

describe("createClient", () => {
  it.each([
    ["grpc://127.0.0.1:1", "@grpc/grpc-js"],
    ["http://127.0.0.1:1", "undici"],
  ])("loads for %s nothing but %s, and only with the client", (address, library) => {
    const { before, after, failure } = JSON.parse(run(LOWEST, project, ["load-with-client.mjs", address]));
    expect(before).toEqual([]);
    expect(after).toEqual([library]);
    expect(failure).toBe("UNAVAILABLE");
  });
});
