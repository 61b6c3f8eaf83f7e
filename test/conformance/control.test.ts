import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conformanceModel } from "./models.ts";
import { type OpenWire, wires } from "./wires.ts";

describe.each(wires)("status, metadata and reload over $name", (wire) => {
  let open: OpenWire;
  beforeAll(async () => {
    open = await wire.open({ m: conformanceModel(), other: { ...conformanceModel(), versionPolicy: { latest: 1 } } });
  });
  afterAll(() => open.close());

  it("tells the state of each version, highest first", async () => {
    expect(await open.client.getModelStatus({ model: "m" })).toEqual({
      versions: [
        { version: 2, state: "AVAILABLE" },
        { version: 1, state: "AVAILABLE" },
      ],
    });
    expect(await open.client.getModelStatus({ model: "m", version: 1 })).toEqual({
      versions: [{ version: 1, state: "AVAILABLE" }],
    });
  });

  it("refuses a label in a status, which the server would ignore", async () => {
    await expect(open.client.getModelStatus({ model: "m", versionLabel: "stable" })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      attempts: [],
    });
  });

  it("says NOT_FOUND for a status of a model that was never there", async () => {
    await expect(open.client.getModelStatus({ model: "nobody" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      kind: "not_found",
      rawMessage: "Could not find any versions of model nobody",
    });
  });

  it("gives the signatures the same form on every wire", async () => {
    const { modelSpec, signatures } = await open.client.getModelMetadata({ model: "m", versionLabel: "stable" });
    expect(modelSpec).toMatchObject({ name: "m", version: 1 });
    expect(Object.getPrototypeOf(signatures)).toBeNull();
    expect(signatures["image"]).toMatchObject({
      methodName: "tensorflow/serving/predict",
      inputs: { pixels: { dtype: "float32", shape: [-1, 2, 3] } },
      outputs: { total: { dtype: "float32", shape: [-1] } },
    });
    expect(signatures["echo_string"]).toMatchObject({ inputs: { x: { dtype: "string", shape: null } } });
    expect(signatures["label_it"]?.methodName).toBe("tensorflow/serving/classify");
  });

  const config = {
    models: [
      { name: "m", basePath: "/models/m", versionPolicy: "all" as const, versionLabels: { stable: 2 } },
      { name: "other", basePath: "/models/other", versionPolicy: { specific: [1, 2] } },
    ],
  };

  if (wire.gaps.operations.includes("reloadConfig")) {
    it("refuses a reload before anything is sent, and says what to use", async () => {
      await expect(open.client.reloadConfig({ config })).rejects.toMatchObject({
        code: "UNIMPLEMENTED",
        kind: "unsupported",
        attempts: [],
      });
      await expect(open.client.reloadConfig({ config })).rejects.toThrow(/gRPC/);
    });
  } else {
    it("replaces the configuration", async () => {
      expect(await open.client.reloadConfig({ config })).toEqual({});
      await expect(open.client.predict({ model: "m", versionLabel: "canary", inputs: { x: [1] } })).rejects.toThrow(
        /label: canary/,
      );
      const { modelSpec } = await open.client.predict({ model: "m", versionLabel: "stable", inputs: { x: [1] } });
      expect(modelSpec.version).toBe(2);
      await open.client.model("other", { version: 1 }).waitUntilReady();
    });
  }
});
