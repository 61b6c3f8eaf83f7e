import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printBatching, printModelConfig, printMonitoring } from "../../../src/config.ts";
import { createTestServer, echo, halfPlusTwo, type TestServer } from "../../../src/testing.ts";
import { batchingConfigs, modelConfigs, monitoringConfigs } from "../../property/config-arbitraries.ts";
import { OUTPUT_SCHEMAS, SCHEMA_FILE, toJsonSchema } from "./output-schemas.ts";
import { runMain } from "./record-output.ts";
import { startCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "tfserving-schemas-"));
let server: TestServer;
let wires: readonly string[];

beforeAll(async () => {
  const big = {
    versions: { "9007199254740993": halfPlusTwo.versions[1] as NonNullable<(typeof halfPlusTwo.versions)[1]> },
  };
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo, echo, big } });
  wires = [server.grpcAddress, server.restAddress];
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const HALF = ["-m", "half_plus_two"];

/** Checks the one line that a command prints. */
async function check(name: keyof typeof OUTPUT_SCHEMAS, ...args: string[]): Promise<void> {
  const { out, complaints } = await runMain(...args, "--json");
  const text = name === "error" ? complaints : out;
  expect(text.split("\n"), args.join(" ")).toHaveLength(1);
  const { error } = OUTPUT_SCHEMAS[name].safeParse(JSON.parse(text));
  expect(error?.issues, text).toBeUndefined();
}

describe("what --json prints", () => {
  it("is as docs/command-line.schema.json tells", () => {
    expect(JSON.parse(readFileSync(SCHEMA_FILE, "utf8"))).toEqual(toJsonSchema());
  });

  it("fits, for commands that ask a server", async () => {
    for (const wire of wires) {
      await check("status", "status", wire, ...HALF);
      await check("status", "status", wire, "-m", "big");
      await check("metadata", "metadata", wire, ...HALF);
      await check("metadata", "metadata", wire, "-m", "big");
      await check("predict", "predict", wire, ...HALF, "-i", "x=[1, 2]");
      await check("predict", "predict", wire, "-m", "echo", "--signature", "int64", "-i", "x=[9007199254740993]");
      const examples = ["-e", '{"x": 1.0}'];
      await check("classify", "classify", wire, ...HALF, "--signature", "classify_x_to_y", ...examples);
      await check("regress", "regress", wire, ...HALF, "--signature", "regress_x_to_y", ...examples);
      for (const level of ["connect", "alive", "loaded", "predicts"]) {
        await check("health", "health", wire, ...HALF, "--level", level);
        await check("wait", "wait", wire, ...HALF, "--level", level);
      }
      await check("wait", "wait", wire, "-m", "big");
      await check("health", "health", wire, ...HALF, "-i", "x=[1]", "--expect", "y=[7]");
      await check("health", "health", wire, "-m", "none");
    }
    await check("health", "health", "grpc://127.0.0.1:1", "-m", "none");
  });

  it("fits, for versions that failed to load", async () => {
    const broken = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    broken.setVersionState("half_plus_two", 1, "END", { code: "NOT_FOUND", message: "no such file" });
    await check("status", "status", broken.grpcAddress, ...HALF);
    await check("error", "wait", broken.restAddress, ...HALF);
    await broken.close();
  });

  it("fits, for status --watch while a server comes and goes", async () => {
    const short = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    const cli = startCli(["status", short.grpcAddress, ...HALF, "--watch", "--interval", "10", "--json"]);
    await cli.lines(1);
    await short.close();
    const lines = await cli.lines(2);
    cli.kill("SIGTERM");
    await cli.ended;
    for (const line of lines) {
      expect(OUTPUT_SCHEMAS["status --watch"].safeParse(JSON.parse(line)).error?.issues, line).toBeUndefined();
    }
  });

  it("fits, for configuration", async () => {
    const write = (name: string, content: string) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const models = (...names: string[]) =>
      JSON.stringify({ models: names.map((name) => ({ name, basePath: `/models/${name}` })) });
    const now = write("now.json", models("half_plus_two", "echo"));
    const next = write("next.json", models("half_plus_two", "new"));
    const wrong = write("wrong.config", 'model_config_list { config { name: "m" base_path: "m" } }');
    await check("config check", "config", "check", now, wrong);
    await check("config print", "config", "print", now);
    await check("config print", "config", "print", wrong);
    await check("config plan", "config", "plan", now, next);
    await check("reload", "reload", now, "--from", next, "--dry-run");
    await check("reload", "reload", wrong, "--dry-run");
  });

  it("fits, for all that a configuration file can say", async () => {
    const kinds = [
      ["model", modelConfigs, printModelConfig],
      ["batching", batchingConfigs, printBatching],
      ["monitoring", monitoringConfigs, printMonitoring],
    ] as const;
    for (const [kind, configs, print] of kinds) {
      for (const config of fc.sample<object>(configs, { numRuns: 50, seed: 7 })) {
        writeFileSync(join(folder, kind), print(config as never));
        await check("config print", "config", "print", join(folder, kind), "--kind", kind);
      }
    }
  });

  it.each([
    ["status", "grpc://127.0.0.1:1", "-m", "m"],
    ["status", "http://127.0.0.1:1", "-m", "m"],
    ["status", "ftp://x", "-m", "m"],
    ["status", "-m", "m", "--timeout", "0"],
    ["status"],
    ["sreve"],
    ["health", "--level", "deep", "-m", "m"],
    ["wait", "grpc://127.0.0.1:1", "-m", "m", "--timeout", "200"],
    ["config"],
    ["config", "check", "/none"],
    ["reload", "/none"],
  ])("fits, for the failure of %j %j", async (...args) => {
    await check("error", ...args);
  });

  it("fits, for what a server refuses", async () => {
    for (const wire of wires) {
      await check("error", "status", wire, "-m", "none");
      await check("error", "predict", wire, ...HALF, "-i", "z=1");
    }
  });
});
