import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../../src/cli/exit-codes.ts";
import { createClient } from "../../../src/index.ts";
import { createTestServer, halfPlusTwo, type TestServer } from "../../../src/testing.ts";
import { runMain as run } from "./record-output.ts";
import { feedCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "tfserving-cli-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const entry = (name: string, more = "") =>
  `  config { name: "${name}" base_path: "/models/${name}" model_platform: "tensorflow" ${more} }\n`;
const listOf = (...entries: string[]) => `model_config_list {\n${entries.join("")}}\n`;
const good = fileOf("good.config", listOf(entry("half_plus_two")));
const relative = fileOf("relative.config", listOf('  config { name: "m" base_path: "m" }\n'));
const broken = fileOf("broken.config", "model_config_list {\n  max_batch_size { value: 1 }\n}\n");
const json = fileOf("good.json", '{"models": [{"name": "half_plus_two", "basePath": "/models/half_plus_two"}]}');

describe("tfserving config check", () => {
  it("ends with 0 where it finds nothing", async () => {
    expect(await run("config", "check", good)).toEqual({
      code: EXIT.ok,
      out: `${good}: nothing found`,
      complaints: "",
    });
  });

  it("shows what is wrong with place, rule and remedy, in 80 columns, and ends with 4", async () => {
    const { code, out } = await run("config", "check", good, relative, broken);
    expect(code).toBe(EXIT.unhealthy);
    expect(out.replace(/\s+/g, " ")).toContain(
      `${relative}:2:22: error: the base path "m" is relative: the server refuses all but absolute paths and URIs [relative-base-path] write it from / on`,
    );
    expect(out.replace(/\s+/g, " ")).toContain(`${broken}:2:3: error: ModelConfigList has no field "max_batch_size"`);
    expect(out).toContain(`${relative}: 2 errors, 0 warnings`);
    expect(out).toContain(`${broken}: 1 error, 0 warnings`);
  });

  it("ends with 0 on warnings alone", async () => {
    const { code, out } = await run("config", "check", json);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain("[json]");
    expect(out).toContain(`${json}: 0 errors, 1 warning`);
  });

  it("gives programs all of it", async () => {
    const { code, out } = await run("config", "check", good, relative, "--json");
    expect(code).toBe(EXIT.unhealthy);
    expect(JSON.parse(out)).toMatchObject({
      files: [
        { file: good, problems: [] },
        {
          file: relative,
          problems: [{ rule: "relative-base-path", line: 2, column: 22 }, { rule: "missing-platform" }],
        },
      ],
    });
  });

  it("heeds what the server is started with", async () => {
    const labelled = fileOf(
      "labels.config",
      listOf(entry("m", 'model_version_policy { all {} } version_labels { key: "a" value: 1 }')),
    );
    expect((await run("config", "check", labelled)).out).toContain("[label-at-start]");
    expect((await run("config", "check", labelled, "--allow-unavailable-labels")).out).toContain("nothing found");
    expect((await run("config", "check", good, "--kind", "batching")).out.replace(/\s+/g, " ")).toContain(
      "it belongs in the model file",
    );
  });

  it("reads standard input", async () => {
    const { code, out } = await feedCli("max_batch_size: 1", "config", "check", "-");
    expect(code).toBe(EXIT.unhealthy);
    expect(out).toContain("-:1:17: error: ");
  });

  it.each([
    [["config", "check", join(folder, "none")], EXIT.usage, "(ENOENT)"],
    [["config", "check", folder], EXIT.usage, "(a directory)"],
    [["config", "check", "-", "-"], EXIT.usage, "- stands for standard input, once"],
    [["config", "check"], EXIT.usage, "missing required argument 'file'"],
    [["config", "check", good, "--kind", "ssl"], EXIT.usage, "Allowed choices are model, batching, monitoring."],
    [["config", "check", fileOf("bytes", Uint8Array.of(0xff, 0xfe))], EXIT.unhealthy, "bytes that are not UTF-8"],
    [["config", "check", fileOf("large", " ".repeat(8 * 1024 * 1024 + 1))], EXIT.usage, "has more than 8388608 bytes"],
    [["config", "print", broken], EXIT.unhealthy, `${broken}:2:3: ModelConfigList has no field`],
    [["config", "plan", good], EXIT.usage, "missing required argument 'to'"],
    [["config", "plan", good, broken], EXIT.unhealthy, `${broken}:2:3: ModelConfigList has no field`],
    [["config", "plan", "-", "-"], EXIT.usage, "- stands for standard input, once"],
    [["reload", good, "--from", join(folder, "none")], EXIT.usage, "(ENOENT)"],
    [["reload", good, "--timeout", "0"], EXIT.usage, "a timeout is a whole number of milliseconds from 1."],
  ])("refuses %j", async (args, exit, message) => {
    const { code, out, complaints } = await run(...args);
    expect(complaints).toContain(message);
    expect([code, out]).toEqual([exit, ""]);
  });
});

describe("tfserving config print", () => {
  it("writes text format, from JSON too", async () => {
    const text = `model_config_list {
  config {
    name: "half_plus_two"
    base_path: "/models/half_plus_two"
    model_platform: "tensorflow"
  }
}`;
    for (const file of [good, json])
      expect(await run("config", "print", file)).toEqual({ code: 0, out: text, complaints: "" });
  });

  it("writes JSON that it reads again", async () => {
    const labels = 'model_version_policy { all {} } version_labels { key: "a" value: 9223372036854775807 }';
    const file = fileOf("large-version.config", listOf(entry("m", labels)));
    const { out } = await run("config", "print", file, "--json");
    expect(JSON.parse(out).models[0].versionLabels).toEqual({ a: "9223372036854775807" });
    const again = fileOf("large-version.json", out);
    expect((await run("config", "print", again)).out).toBe((await run("config", "print", file)).out);
  });

  it("knows batching and monitoring files", async () => {
    const batching = fileOf("batching.config", "allowed_batch_sizes: [1, 8] max_batch_size: { value: 0x8 }");
    expect((await run("config", "print", batching)).out).toBe(
      "max_batch_size {\n  value: 8\n}\nallowed_batch_sizes: 1\nallowed_batch_sizes: 8",
    );
    const monitoring = fileOf("monitoring.config", "prometheus_config: <enable: t>");
    expect((await run("config", "print", monitoring)).out).toBe("prometheus_config {\n  enable: true\n}");
  });
});

describe("tfserving config plan", () => {
  const both = fileOf("both.config", listOf(entry("half_plus_two"), entry("second")));

  it("shows what comes and goes", async () => {
    const { code, out } = await run("config", "plan", good, both);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain(
      "+ second  added\n    path      /models/second\n    versions  latest 1\n1 unchanged: half_plus_two",
    );
    expect(out).toContain("[waits-for-new-model]");
    const back = await run("config", "plan", both, good, "--json");
    expect(JSON.parse(back.out)).toMatchObject({
      changes: [{ action: "unload", model: "second" }],
      unchanged: ["half_plus_two"],
      problems: [{ rule: "unloads" }],
    });
  });

  it("ends with 4 where the server would refuse", async () => {
    const labels = 'model_version_policy { all {} } version_labels { key: "a" value: 1 }';
    const labelled = fileOf("new-label.config", listOf(entry("half_plus_two"), entry("new", labels)));
    const { code, out } = await run("config", "plan", good, labelled);
    expect(code).toBe(EXIT.unhealthy);
    expect(out).toContain("[label-not-loaded]");
  });
});

describe("tfserving reload", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer({
      models: { half_plus_two: halfPlusTwo },
      storage: { "/models/second": halfPlusTwo.versions },
    });
  });
  afterAll(() => server.close());
  const reloads = () => server.calls.filter(({ operation }) => operation === "reloadConfig").length;
  const served = async (model: string) => {
    const client = createClient(server.grpcAddress);
    try {
      const { versions } = await client.getModelStatus({ model });
      return versions.map(({ version, state }) => `${version} ${state}`);
    } catch (error) {
      return [(error as { code: string }).code];
    } finally {
      await client.close();
    }
  };
  const both = fileOf("reload-both.config", listOf(entry("half_plus_two"), entry("second")));

  it("sends nothing on a dry run, and asks no server", async () => {
    const { code, out } = await run("reload", both, "grpc://127.0.0.1:1", "--from", good, "--dry-run");
    expect(code).toBe(EXIT.ok);
    expect(out).toContain("+ second  added");
    expect(out).not.toContain("reloaded");
  });

  it("sends what a file says, and shows what that changes", async () => {
    const { code, out, complaints } = await run("reload", both, server.grpcAddress, "--from", good);
    expect([code, complaints]).toEqual([EXIT.ok, ""]);
    expect(out).toContain("+ second  added");
    expect(out.endsWith("reloaded")).toBe(true);
    expect(await served("second")).toEqual(["1 AVAILABLE"]);
  });

  it("holds labels against what the server says is available", async () => {
    const labelled = (version: number) =>
      fileOf(
        `label-${version}.config`,
        listOf(
          entry("half_plus_two", `model_version_policy { all {} } version_labels { key: "stable" value: ${version} }`),
          entry("second"),
        ),
      );
    const before = reloads();
    const refused = await run("reload", labelled(7), server.grpcAddress, "--from", both);
    expect(refused.code).toBe(EXIT.unhealthy);
    expect(refused.complaints).toBe("tfserving: nothing was sent: the server would refuse it");
    expect(refused.out).toContain("[label-not-loaded]");
    expect(reloads()).toBe(before);
    const { code, out } = await run("reload", labelled(1), server.grpcAddress, "--from", both, "--json");
    expect(code).toBe(EXIT.ok);
    expect(JSON.parse(out)).toMatchObject({ reloaded: true, changes: [{ model: "half_plus_two" }] });
  });

  it("unloads only when it may", async () => {
    const before = reloads();
    const refused = await run("reload", good, server.grpcAddress, "--from", both);
    expect(refused.code).toBe(EXIT.unhealthy);
    expect(refused.complaints).toBe("tfserving: nothing was sent: it unloads models, which takes --allow-unload");
    expect(reloads()).toBe(before);
    expect((await run("reload", good, server.grpcAddress, "--from", both, "--allow-unload")).code).toBe(EXIT.ok);
    expect(reloads()).toBe(before + 1);
  });

  it("says that it does not know what goes when it is not told what there is", async () => {
    const { code, out } = await run("reload", good, server.grpcAddress);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain("= half_plus_two");
    expect(out).toContain("[unknown-baseline]");
  });

  it("refuses a file that is wrong in itself before it asks anyone", async () => {
    const { code, out, complaints } = await run("reload", relative, "grpc://127.0.0.1:1");
    expect(code).toBe(EXIT.unhealthy);
    expect(out).toContain("[missing-platform]");
    expect(complaints).toContain("nothing was sent");
  });

  it("says that reloads are not for REST", async () => {
    const { code, complaints } = await run("reload", good, server.restAddress);
    expect(code).toBe(EXIT.rpc);
    expect(complaints).toContain("[UNIMPLEMENTED]");
  });

  it("ends with 2 when nobody is there", async () => {
    const { code, complaints } = await run("reload", good, "grpc://127.0.0.1:1");
    expect(code).toBe(EXIT.connect);
    expect(complaints).toContain("[UNAVAILABLE]");
  });
});
