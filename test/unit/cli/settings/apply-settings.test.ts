import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestServer, echo, halfPlusTwo, type TestServer } from "../../../../src/testing.ts";
import { runMainWith } from "../record-output.ts";
import { startCli } from "../run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "tfserving-settings-"));
let server: TestServer;

beforeAll(async () => {
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo, echo } });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function fileOf(name: string, settings: object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

/** The header of the last request. */
const sent = (name: string) => server.calls.at(-1)?.headers[name];

describe("applySettings", () => {
  it("takes address and model from variables, and what the command line says before them", async () => {
    const env = { TFS_ADDRESS: server.grpcAddress, TFS_MODEL: "none" };
    expect(await runMainWith(env, "status", "-m", "echo")).toMatchObject({ code: 0, out: "version 1  AVAILABLE" });
    expect((await runMainWith({ ...env, TFS_MODEL: "echo" }, "status")).code).toBe(0);
    expect((await runMainWith(env, "status")).code).toBe(3);
    expect((await runMainWith(env, "status", "http://127.0.0.1:1", "-m", "echo")).code).toBe(2);
  });

  it("takes them from a file that an option or a variable names, behind variables", async () => {
    const file = fileOf("here.json", { address: server.restAddress, model: "half_plus_two", signature: "none" });
    expect((await runMainWith({}, "status", "--config", file)).code).toBe(0);
    expect((await runMainWith({ TFS_CONFIG: file }, "metadata")).out).toContain("serving_default");
    expect((await runMainWith({ TFS_CONFIG: file, TFS_MODEL: "none" }, "status")).code).toBe(3);
    const predict = ["predict", "-i", "x=[1]", "--config", file];
    expect((await runMainWith({}, ...predict)).code).toBe(3);
    expect((await runMainWith({}, ...predict, "--signature", "serving_default")).out).toBe("y float32 [1]\n  [2.5]");
  });

  it("finds the file in the working directory", async () => {
    fileOf("tfserving.config.json", { address: server.restAddress, model: "echo" });
    const found = await startCli(["status"], {}, "", folder).ended;
    expect(found).toEqual({ code: 0, out: "version 1  AVAILABLE\n", complaints: "" });
    const refused = await startCli(["status"], { TFS_AUTH: "Bearer s3cret" }, "", folder).ended;
    expect(refused.code).toBe(1);
    expect(refused.complaints).toContain("TFS_AUTH is not sent to the address in tfserving.config.json");
  });

  it("sends credentials and headers, and shows none", async () => {
    const file = fileOf("auth.json", {
      address: server.restAddress,
      auth: "Bearer s3cret",
      headers: { "x-key": "k3y" },
    });
    expect((await runMainWith({}, "status", "-m", "echo", "--config", file)).code).toBe(0);
    expect([sent("authorization"), sent("x-key")]).toEqual(["Bearer s3cret", "k3y"]);
    const wrong = await runMainWith({}, "status", "-m", "none", "--config", file, "--json");
    expect(wrong.code).toBe(3);
    expect(wrong.out + wrong.complaints).not.toMatch(/s3cret|k3y/);
  });

  it("leaves TLS in variables alone where the address has none", async () => {
    const env = { TFS_ADDRESS: server.restAddress, TFS_TLS_CA: "/none/ca.pem" };
    expect((await runMainWith(env, "status", "-m", "echo")).code).toBe(0);
    const secure = await runMainWith(env, "status", "https://127.0.0.1:1", "-m", "echo");
    expect(secure).toMatchObject({ code: 1, complaints: "tfserving: --tls-ca: cannot read /none/ca.pem (ENOENT)" });
  });

  it("reads nothing for commands without a server", async () => {
    const models = fileOf("models.json", { models: [] });
    expect((await runMainWith({ TFS_CONFIG: "/none.json", TFS_VERSION: "x" }, "config", "check", models)).code).toBe(0);
    const { code, complaints } = await runMainWith({ TFS_CONFIG: "/none.json" }, "status", "-m", "m");
    expect([code, complaints]).toEqual([1, "tfserving: cannot read the settings in /none.json (ENOENT)"]);
  });
});
