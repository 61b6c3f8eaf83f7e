import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSettingsFile, readVariables } from "../../../../src/cli/settings/read-settings.ts";
import { VARIABLES } from "../../../../src/cli/settings/setting-names.ts";

const folder = mkdtempSync(join(tmpdir(), "tfserving-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("readVariables", () => {
  it("reads each variable to its setting", () => {
    const values = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, name]));
    const env = { ...values, TFS_VERSION: "9007199254740993", TFS_LABEL: "", TFS_TIMEOUT_MS: "250" };
    expect(readVariables({ ...env, TFS_ALLOW_INSECURE_CREDENTIALS: "1" })).toEqual({
      address: "TFS_ADDRESS",
      model: "TFS_MODEL",
      version: "9007199254740993",
      signature: "TFS_SIGNATURE",
      timeoutMs: 250,
      auth: "TFS_AUTH",
      allowInsecureCredentials: true,
      tls: { ca: "TFS_TLS_CA", cert: "TFS_TLS_CERT", key: "TFS_TLS_KEY", serverName: "TFS_TLS_SERVER_NAME" },
    });
  });

  it.each([
    [{ TFS_TIMEOUT_MS: "soon" }, 'TFS_TIMEOUT_MS: expected a whole number of milliseconds from 1, found "soon"'],
    [{ TFS_TIMEOUT_MS: "0" }, "TFS_TIMEOUT_MS: expected a whole number of milliseconds from 1, found 0"],
    [{ TFS_VERSION: "-1" }, 'TFS_VERSION: expected a whole number from 0, found "-1"'],
    [{ TFS_VERSION: "1", TFS_LABEL: "a" }, "TFS_VERSION and TFS_LABEL exclude each other"],
    [{ TFS_ALLOW_INSECURE_CREDENTIALS: "yes" }, "TFS_ALLOW_INSECURE_CREDENTIALS: expected true or false, found"],
  ])("refuses %j", (env, message) => {
    expect(() => readVariables(env)).toThrow(TypeError);
    expect(() => readVariables(env)).toThrow(message);
  });
});

describe("readSettingsFile", () => {
  it("reads settings, with the names of files relative to it", async () => {
    const file = fileOf("all.json", '{"address": "grpcs://h", "version": 3, "tls": {"ca": "ca.pem", "key": "/k.pem"}}');
    expect(await readSettingsFile(file)).toEqual({
      address: "grpcs://h",
      version: 3,
      tls: { ca: join(folder, "ca.pem"), key: "/k.pem" },
    });
  });

  it.each([
    ["[]", ": expected an object, found a list"],
    [
      '{"adress": "x"}',
      ': expected address, model, version, label, signature, timeoutMs, auth, headers, allowInsecureCredentials, tls; found "adress"',
    ],
    ['{"tls": {"pem": "x"}}', ': tls: expected ca, cert, key, serverName; found "pem"'],
    ['{"model": 7}', ": model: expected the name of a model, found 7"],
    ['{"model": ""}', ': model: expected the name of a model, found ""'],
    ['{"timeoutMs": "5s"}', ': timeoutMs: expected a whole number of milliseconds from 1, found "5s"'],
    ['{"version": 1.5}', ": version: expected a whole number from 0, found 1.5"],
    ['{"version": 1, "label": "a"}', "label exclude each other"],
    ['{"tls": {"ca": null}}', ": tls.ca: expected the name of a PEM file, found null"],
  ])("refuses %s", async (content, message) => {
    const file = fileOf("wrong.json", content);
    const error: unknown = await readSettingsFile(file).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(file);
    expect((error as Error).message).toContain(message);
  });

  it.each([
    ['{"auth": 12345}', "found a number"],
    ['{"headers": {"x-key": 12345}}', "found a number"],
    ['{"headers": "12345"}', "found a string"],
    ['{\n"auth": "12345\n"}', ":2: expected settings in JSON"],
    ['{"auth": 12345 12345}', ":1: expected settings in JSON"],
  ])("never shows a credential: %j", async (content, message) => {
    const error: unknown = await readSettingsFile(fileOf("secret.json", content)).catch((reason: unknown) => reason);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message.replaceAll(folder, "")).not.toContain("12345");
  });

  it("says what cannot be read", async () => {
    await expect(readSettingsFile(join(folder, "none.json"))).rejects.toThrow(
      /^cannot read the settings in .*none\.json \(ENOENT\)/,
    );
    await expect(readSettingsFile(folder)).rejects.toThrow("(EISDIR)");
    const large = fileOf("large.json", " ".repeat((1 << 20) + 1));
    await expect(readSettingsFile(large)).rejects.toThrow("expected at most 1048576 bytes of settings, found more");
  });
});
