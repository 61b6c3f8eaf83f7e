import { describe, expect, it } from "vitest";
import type { VersionPolicy } from "../../../src/contract/reload-config.ts";
import type { VersionDefinition } from "../../../src/testing/model-definition.ts";
import { ModelRegistry } from "../../../src/testing/model-registry.ts";
import { ModelStorage } from "../../../src/testing/model-storage.ts";

const empty: VersionDefinition = { signatures: {} };

/** A load that the test ends. */
function slow() {
  let resolve = (): void => {};
  let reject = (_: Error): void => {};
  const promise = new Promise<void>((...ends) => {
    [resolve, reject] = ends;
  });
  return { definition: { signatures: {}, load: () => promise }, promise, resolve, reject };
}

function registryOf(versions: Record<string, VersionDefinition>, policy: VersionPolicy = "all") {
  const storage = new ModelStorage({ "/models/m": versions });
  const registry = new ModelRegistry(storage);
  const states = () => registry.list("m").map(({ number, state }) => `${number} ${state}`);
  const model = { name: "m", basePath: "/models/m", policy };
  return { storage, registry, model, states };
}

describe("ModelRegistry", () => {
  it.each<[VersionPolicy, string[]]>([
    [{ latest: 1 }, ["12 AVAILABLE"]],
    [{ latest: 2 }, ["12 AVAILABLE", "3 AVAILABLE"]],
    [{ latest: 0 }, ["12 AVAILABLE"]],
    ["all", ["12 AVAILABLE", "3 AVAILABLE", "2 AVAILABLE"]],
    [{ specific: [2, 99] }, ["2 AVAILABLE"]],
  ])("loads what the policy %j wants, highest first", (policy, expected) => {
    const { registry, model, states } = registryOf({ 2: empty, 3: empty, 12: empty }, policy);
    registry.watch([model]);
    expect(states()).toEqual(expected);
  });

  it("reads directory names with leading zeros as numbers", () => {
    const { registry, model, states } = registryOf({ "00000123": empty });
    registry.watch([model]);
    expect(states()).toEqual(["123 AVAILABLE"]);
  });

  it("keeps the old version until the new one serves", async () => {
    const { registry, storage, model, states } = registryOf({ 1: empty }, { latest: 1 });
    registry.watch([model]);
    const two = slow();
    storage.add("/models/m", 2n, two.definition);
    registry.poll();
    expect(states()).toEqual(["2 LOADING", "1 AVAILABLE"]);
    two.resolve();
    await two.promise;
    expect(states()).toEqual(["2 AVAILABLE", "1 END"]);
  });

  it("keeps the old version where the new one fails, and does not try that again", async () => {
    const { registry, storage, model, states } = registryOf({ 1: empty }, { latest: 1 });
    registry.watch([model]);
    const two = slow();
    storage.add("/models/m", 2n, two.definition);
    registry.poll();
    two.reject(new Error("no graph"));
    await two.promise.catch(() => {});
    registry.poll();
    expect(states()).toEqual(["2 END", "1 AVAILABLE"]);
    expect(registry.list("m")[0]?.error).toMatchObject({ code: "INTERNAL", message: "no graph" });
  });

  it("tries a failed version again once it was taken out and put back", () => {
    let fails = true;
    const load = () => {
      if (fails) throw new Error("no graph");
    };
    const { registry, storage, model, states } = registryOf({ 1: { signatures: {}, load } });
    registry.watch([model]);
    expect(states()).toEqual(["1 END"]);
    fails = false;
    storage.remove("/models/m", 1n);
    registry.poll();
    storage.add("/models/m", 1n, { signatures: {}, load });
    registry.poll();
    expect(states()).toEqual(["1 AVAILABLE"]);
  });

  it("unloads everything when nothing is wanted any more, and goes on listing it", () => {
    const { registry, model, states } = registryOf({ 1: empty, 2: empty });
    registry.watch([model]);
    registry.watch([]);
    expect(states()).toEqual(["2 END", "1 END"]);
  });

  it("waits with unloading for the requests under way, and takes no new ones", () => {
    const { registry, model, states } = registryOf({ 1: empty });
    registry.watch([model]);
    const release = registry.find("m", undefined).hold();
    registry.watch([]);
    expect(states()).toEqual(["1 UNLOADING"]);
    expect(() => registry.find("m", undefined)).toThrow("Servable not found for request: Latest(m)");
    release();
    expect(states()).toEqual(["1 END"]);
  });

  it("notices nothing of any model while one base path is missing", () => {
    const { registry, storage, model, states } = registryOf({ 1: empty }, { latest: 1 });
    registry.watch([model]);
    registry.watch([model, { name: "other", basePath: "/models/other", policy: "all" }]);
    storage.add("/models/m", 2n, empty);
    registry.poll();
    expect(states()).toEqual(["1 AVAILABLE"]);
    storage.add("/models/other", 1n, empty);
    registry.poll();
    expect(states()).toEqual(["2 AVAILABLE", "1 END"]);
    expect(registry.find("other", undefined).number).toBe(1n);
  });

  it("leaves a version alone whose state was set by hand", () => {
    const { registry, storage, model, states } = registryOf({ 1: empty, 2: empty });
    registry.watch([model]);
    registry.pin("m", 2n, "LOADING", undefined);
    storage.add("/models/m", 3n, empty);
    registry.poll();
    expect(states()).toEqual(["3 AVAILABLE", "2 LOADING", "1 AVAILABLE"]);
    registry.pin("m", 2n, "AVAILABLE", undefined);
    expect(registry.find("m", 2n).definition).toBe(empty);
  });

  it("refuses to make a version available that nothing defines", () => {
    const { registry } = registryOf({ 1: empty });
    expect(() => registry.pin("m", 9n, "AVAILABLE", undefined)).toThrow(
      new TypeError('version 9 of "m" cannot be AVAILABLE: it has no definition, add it first'),
    );
  });

  it("answers alike for versions that are unknown, loading and ended", () => {
    const { registry, model } = registryOf({ 1: empty });
    registry.watch([model]);
    registry.pin("m", 2n, "LOADING", undefined);
    for (const version of [2n, 7n]) {
      expect(() => registry.find("m", version)).toThrow(`Servable not found for request: Specific(m, ${version})`);
    }
  });
});
