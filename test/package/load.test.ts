import { describe, expect, inject, it } from "vitest";
import { NODES, run } from "./installed.ts";

interface Loaded {
  readonly names: readonly string[];
  readonly packages: readonly string[];
  readonly globals: readonly string[];
  readonly resources: readonly string[];
}

const { project } = inject("installed");
const LOWEST = NODES["20.18.1"] as string;

/** zod keeps its settings there, undici (that of Node.js too) its default agent. */
const LIBRARY_GLOBALS = /^(__zod_globalConfig|Symbol\(undici\.globalDispatcher\.\d+\))$/;

/** Each door: one of its names, and libraries that it must not load. */
const DOORS = [
  { door: "tfserving", name: "createClient", without: ["@grpc/grpc-js", "undici", "msw", "@opentelemetry/api"] },
  { door: "tfserving/grpc", name: "createGrpcClient", without: ["undici", "msw", "@opentelemetry/api"] },
  { door: "tfserving/rest", name: "createRestClient", without: ["@grpc/grpc-js", "msw", "@opentelemetry/api"] },
  {
    door: "tfserving/health",
    name: "createHealthCheck",
    without: ["@grpc/grpc-js", "undici", "msw", "@opentelemetry/api"],
  },
  {
    door: "tfserving/config",
    name: "parseModelConfig",
    without: ["@grpc/grpc-js", "undici", "msw", "@opentelemetry/api"],
  },
  { door: "tfserving/opentelemetry", name: "openTelemetry", without: ["@grpc/grpc-js", "undici", "msw"] },
  { door: "tfserving/testing", name: "createTestServer", without: ["undici", "msw", "@opentelemetry/api"] },
  {
    door: "tfserving/testing/msw",
    name: "tfServingHandlers",
    without: ["@grpc/grpc-js", "undici", "@opentelemetry/api"],
  },
];

describe.each(DOORS)("$door", ({ door, name, without }) => {
  const load = (node: string, form: string) => JSON.parse(run(node, project, ["load.mjs", door, form])) as Loaded;
  // msw cannot be required by a Node.js that cannot require ES modules: that is from 20.19 on.
  const requiring = door === "tfserving/testing/msw" ? (NODES["22.23.3"] as string) : LOWEST;
  const loaded = [load(LOWEST, "import"), load(requiring, "require")];

  it("has the same names by import and by require", () => {
    expect(loaded[0]?.names).toContain(name);
    expect(loaded[0]?.names).toEqual(loaded[1]?.names);
  });

  it(`loads no ${without.join(", no ")}`, () => {
    for (const { packages } of loaded)
      expect(packages.filter((loadedName) => without.includes(loadedName))).toEqual([]);
  });

  it("adds to no global object more than its libraries do, and leaves nothing running", () => {
    for (const { globals, resources } of loaded) {
      expect(globals.filter((name) => !LIBRARY_GLOBALS.test(name))).toEqual([]);
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

describe("tfserving/health", () => {
  it("leaves node:http alone until a memory source asks: making all of its exports takes longer than the rest", () => {
    const builtins = (door: string) => {
      const program = `import "${door}"; console.log(JSON.stringify(process.moduleLoadList));`;
      return JSON.parse(run(LOWEST, project, ["--input-type=module", "--eval", program])) as string[];
    };
    expect(builtins("node:http")).toContain("NativeModule _http_client");
    expect(builtins("tfserving/health")).not.toContain("NativeModule _http_client");
  });
});
