import { describe, expect, it } from "vitest";
import { mergeSettings, type SettingsFile } from "../../../../src/cli/settings/merge-settings.ts";
import type { Settings } from "../../../../src/cli/settings/settings-schema.ts";

const file = (settings: Settings, isNamed = true): SettingsFile => ({ name: "f.json", isNamed, settings });

describe("mergeSettings", () => {
  it("prefers the command line, then variables, then the file", () => {
    const inFile = file({ address: "grpc://file", model: "file", timeoutMs: 3 });
    const variables = { address: "grpc://variable", model: "variable" };
    const { address, model, timeoutMs } = mergeSettings({ address: "grpc://own" }, variables, inFile);
    expect([address, model, timeoutMs]).toEqual(["grpc://own", "variable", 3]);
    expect(mergeSettings({}, variables, inFile).address).toBe("grpc://variable");
    expect(mergeSettings({}, {}, inFile).address).toBe("grpc://file");
    expect(mergeSettings({}, {}, undefined).address).toBeUndefined();
  });

  it("takes version and label from one place, the first that has either", () => {
    const inFile = file({ version: 1 });
    expect(mergeSettings({}, { label: "next" }, inFile)).toMatchObject({ version: undefined, label: "next" });
    expect(mergeSettings({}, {}, inFile)).toMatchObject({ version: 1, label: undefined });
    expect(mergeSettings({ hasVersion: true }, { label: "next" }, inFile)).toMatchObject({
      version: undefined,
      label: undefined,
    });
  });

  it("sends the credentials of a file with an address to that address alone", () => {
    const secrets = { auth: "Bearer a", headers: { "x-key": "b" }, tls: { key: "c" } };
    const inFile = file({ address: "grpcs://file", ...secrets });
    expect(mergeSettings({}, {}, inFile)).toMatchObject(secrets);
    expect(mergeSettings({ address: "grpcs://file" }, {}, inFile)).toMatchObject(secrets);
    const elsewhere = mergeSettings({ address: "grpcs://own" }, {}, inFile);
    expect([elsewhere.auth, elsewhere.headers, elsewhere.tls]).toEqual([undefined, undefined, {}]);
    expect(mergeSettings({ address: "grpcs://own" }, {}, file(secrets))).toMatchObject(secrets);
  });

  it("sends a credential in a variable to no address out of a file that nobody named", () => {
    const variables = { auth: "Bearer a" };
    const inFile = { address: "grpcs://file" };
    expect(() => mergeSettings({}, variables, file(inFile, false))).toThrow(
      /^TFS_AUTH is not sent to the address in f\.json/,
    );
    expect(mergeSettings({}, variables, file(inFile, true))).toMatchObject(variables);
    expect(mergeSettings({ address: "grpcs://own" }, variables, file(inFile, false))).toMatchObject(variables);
  });
});
