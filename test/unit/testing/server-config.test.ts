import { describe, expect, it } from "vitest";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import type { ConfiguredModel } from "../../../src/testing/configured-model.ts";
import type { VersionDefinition } from "../../../src/testing/model-definition.ts";
import { ModelRegistry } from "../../../src/testing/model-registry.ts";
import { ModelStorage } from "../../../src/testing/model-storage.ts";
import { ServerConfig } from "../../../src/testing/server-config.ts";
import { ServerError } from "../../../src/testing/server-error.ts";

const empty: VersionDefinition = { signatures: {} };
const broken: VersionDefinition = {
  signatures: {},
  load() {
    throw new Error("no graph");
  },
};

function model(name: string, more: Partial<ConfiguredModel> = {}): ConfiguredModel {
  return {
    name,
    basePath: `/models/${name}`,
    platform: "tensorflow",
    policy: "all",
    labels: new Map(),
    hasLoggingConfig: false,
    ...more,
  };
}

function running({ allowUnavailableLabels = false } = {}) {
  const storage = new ModelStorage({
    "/models/a": { 1: empty, 2: empty },
    "/models/b": { 1: empty },
    "/models/broken": { 1: broken },
  });
  const registry = new ModelRegistry(storage);
  const initial = [model("a")];
  const config = new ServerConfig(registry, initial, allowUnavailableLabels);
  registry.watch(initial);
  const ending = new Cancellation();
  const reload = (...models: ConfiguredModel[]) => config.reload(models, ending);
  const states = (name: string) => registry.list(name).map(({ number, state }) => `${number} ${state}`);
  return { storage, registry, config, reload, states, ending };
}

const isSettled = (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(resolve, false))]);

describe("ServerConfig", () => {
  it("replaces the whole list: what is left out is unloaded", async () => {
    const { reload, states } = running();
    await reload(model("b"));
    expect(states("a")).toEqual(["2 END", "1 END"]);
    expect(states("b")).toEqual(["1 AVAILABLE"]);
    await reload();
    expect(states("b")).toEqual(["1 END"]);
  });

  it("waits for a base path that does not exist, and makes every later reload wait", async () => {
    const { reload, storage, registry } = running();
    const first = reload(model("a"), model("late"));
    const second = reload(model("a"));
    expect(await isSettled(second)).toBe(false);
    storage.add("/models/late", 1n, empty);
    registry.poll();
    await first;
    await second;
  });

  it("ends the waiting when the server ends", async () => {
    const { reload, ending } = running();
    const waiting = reload(model("late"));
    await isSettled(waiting);
    ending.cancel(new Error("closed"));
    await expect(waiting).rejects.toThrow("closed");
  });

  it("fails for a new model that does not load, once, and keeps the configuration", async () => {
    const { reload } = running();
    await expect(reload(model("a"), model("broken"))).rejects.toEqual(
      new ServerError(
        "UNKNOWN",
        "1 model(s) did not become available: {{name: broken version: 1} due to error: INTERNAL: no graph, }",
      ),
    );
    await expect(reload(model("a"), model("broken"))).resolves.toBeUndefined();
  });

  it("does not wait for versions of a name that is known", async () => {
    const { reload, storage, registry } = running();
    storage.add("/models/a", 3n, { signatures: {}, load: () => new Promise(() => {}) });
    registry.poll();
    await expect(reload(model("a"))).resolves.toBeUndefined();
  });

  it.each([
    ["a name twice", [model("b"), model("b")], "Illegal to list model b multiple times in config list"],
    ["a relative path", [model("b", { basePath: "models/b" })], "absolute path or URI"],
    ["another platform", [model("a", { platform: "other" })], "Illegal to change a model's platform. For model a"],
    ["an unknown platform", [model("b", { platform: "x" })], "Model b requests unsupported platform x"],
    ["request logging", [model("a", { hasLoggingConfig: true })], "No request-logger-creator provided."],
  ])("refuses %s", async (_, models, message) => {
    const { reload } = running();
    await expect(reload(...models)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(message),
    });
  });

  it("takes a URI for a base path", async () => {
    const { reload, storage } = running();
    storage.add("gs://bucket/b", 1n, empty);
    await expect(reload(model("b", { basePath: "gs://bucket/b" }))).resolves.toBeUndefined();
  });

  it("is spoilt for good by a new model without a platform", async () => {
    const { reload } = running();
    const text = "Illegal setting neither ModelServerConfig::model_type (deprecated) nor";
    await expect(reload(model("a"), model("b", { platform: "" }))).rejects.toThrow(text);
    await expect(reload(model("a"))).rejects.toThrow(text);
    await expect(reload()).rejects.toThrow(text);
  });

  it("keeps the bad entry of an unknown platform until a reload without it", async () => {
    const { reload } = running();
    await expect(reload(model("a"), model("b", { platform: "x" }))).rejects.toThrow("unsupported platform x");
    await expect(reload(model("a"), model("b"))).rejects.toThrow("For model b platform was x");
    await reload(model("a"));
    await expect(reload(model("a"), model("b"))).resolves.toBeUndefined();
  });

  it("sets a label only where the version is available, else keeps the old labels", async () => {
    const { reload, config } = running();
    await reload(model("a", { labels: new Map([["stable", 1n]]) }));
    await expect(reload(model("a", { labels: new Map([["stable", 9n]]) }))).rejects.toEqual(
      new ServerError(
        "FAILED_PRECONDITION",
        "Request to assign label to version 9 of model a, which is not currently available for inference",
      ),
    );
    expect(config.versionOf("a", "stable")).toBe(1n);
  });

  it("cannot label a model that the same reload brings", async () => {
    const { reload, states } = running();
    await expect(reload(model("b", { labels: new Map([["new", 1n]]) }))).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
    });
    // The configuration is stored by then, but nothing was loaded or unloaded.
    expect(states("a")).toEqual(["2 AVAILABLE", "1 AVAILABLE"]);
  });

  it("lets a new label point anywhere when told to, but moves none there", async () => {
    const { reload, config } = running({ allowUnavailableLabels: true });
    await reload(model("a", { labels: new Map([["next", 9n]]) }));
    expect(config.versionOf("a", "next")).toBe(9n);
    await expect(reload(model("a", { labels: new Map([["next", 8n]]) }))).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
    });
  });

  it("replaces labels wholesale", async () => {
    const { reload, config } = running();
    await reload(model("a", { labels: new Map([["old", 1n]]) }));
    await reload(model("a", { labels: new Map([["new", 2n]]) }));
    expect(() => config.versionOf("a", "old")).toThrow("Unrecognized servable version label: old");
    expect(config.versionOf("a", "new")).toBe(2n);
  });
});
