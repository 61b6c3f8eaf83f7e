import { describe, expect, it } from "vitest";
import type { FileModelConfig } from "../../../src/config/model-server-config.ts";
import { plan } from "../../../src/config/plan.ts";
import { printPlan } from "../../../src/config/print-plan.ts";
import type { PlanOptions } from "../../../src/config/reload-plan.ts";

const model = (name: string, fields: Partial<FileModelConfig> = {}): FileModelConfig => ({
  name,
  basePath: `/models/${name}`,
  ...fields,
});
const planOf = (from: FileModelConfig[] | undefined, to: FileModelConfig[], options?: PlanOptions) =>
  plan(from && { models: from }, { models: to }, options);
const found = ({ problems }: ReturnType<typeof plan>) =>
  problems.map(({ severity, rule, path }) => `${severity} ${rule} ${path}`.trimEnd());

describe("plan", () => {
  it("tells what comes, changes, goes and stays", () => {
    const [stays, changes, goes] = [model("a"), model("b"), model("c")];
    const changed = { ...changes, basePath: "/new/b" };
    const comes = model("d");
    const planned = planOf([stays, changes, goes], [comes, stays, changed]);
    expect(planned.changes).toEqual([
      { action: "add", model: "d", to: comes },
      { action: "change", model: "b", basePath: { from: "/models/b", to: "/new/b" } },
      { action: "unload", model: "c", from: goes },
    ]);
    expect(planned.unchanged).toEqual(["a"]);
    expect(found(planned)).toEqual([
      "warning unloads",
      "warning waits-for-new-model",
      "warning same-version-new-path models[2].basePath",
      "warning not-awaited",
    ]);
  });

  it("takes defaults for what they stand for, and lists of versions as sets", () => {
    const from = [model("a", { platform: "tensorflow", versionPolicy: { latest: 1 }, versionLabels: {} })];
    expect(planOf(from, [model("a")])).toEqual({ changes: [], unchanged: ["a"], problems: [] });
    const specific = (...specific: (number | bigint)[]) => [model("a", { versionPolicy: { specific } })];
    expect(planOf(specific(2, 1), specific(1n, 2)).changes).toEqual([]);
  });

  it("tells which versions of a list are loaded and unloaded", () => {
    const from = [model("a", { versionPolicy: { specific: [45, 46] } })];
    const to = [model("a", { versionPolicy: { specific: [46, 47] } })];
    expect(planOf(from, to).changes).toMatchObject([{ loads: [47], unloads: [45] }]);
    expect(planOf(from, [model("a", { versionPolicy: "all" })]).changes).toEqual([
      { action: "change", model: "a", versionPolicy: { from: { specific: [45, 46] }, to: "all" } },
    ]);
  });

  it("tells labels that are set, moved and removed", () => {
    const versionPolicy = { specific: [1, 2] };
    const from = [model("a", { versionPolicy, versionLabels: { moved: 1, gone: 2, same: 2 } })];
    const to = [model("a", { versionPolicy, versionLabels: { moved: 2n, set: 1, same: 2n } })];
    expect(planOf(from, to).changes).toEqual([
      {
        action: "change",
        model: "a",
        labels: [
          { label: "moved", from: 1, to: 2n },
          { label: "set", to: 1 },
          { label: "gone", from: 2 },
        ],
      },
    ]);
  });

  it("knows models named like members of every object", () => {
    const odd = [model("__proto__"), model("toString")];
    expect(planOf(odd, odd)).toMatchObject({ changes: [], unchanged: ["__proto__", "toString"] });
  });

  it("finds labels on versions that this reload would load: they take two steps", () => {
    const before = model("a", { versionPolicy: { specific: [46] }, versionLabels: { stable: 46 } });
    const versionPolicy = { specific: [46, 47] };
    const both = model("a", { versionPolicy, versionLabels: { stable: 47 } });
    expect(found(planOf([before], [both]))).toContain('error label-not-loaded models[0].versionLabels["stable"]');
    const loadOnly = model("a", { versionPolicy, versionLabels: { stable: 46 } });
    expect(found(planOf([before], [loadOnly]))).toEqual(["warning not-awaited"]);
    const available = { a: [46, 47] };
    expect(found(planOf([loadOnly], [both]))).toEqual(['warning label-not-loaded models[0].versionLabels["stable"]']);
    expect(found(planOf([loadOnly], [both], { available }))).toEqual([]);
  });

  it("finds labels of a new model, whose versions are not loaded", () => {
    const to = model("a", { versionPolicy: { specific: [1] }, versionLabels: { stable: 1 } });
    expect(found(planOf([], [to]))).toEqual([
      "warning waits-for-new-model",
      'error label-not-loaded models[0].versionLabels["stable"]',
    ]);
  });

  it("lets labels point ahead where the server does, but not when they move", () => {
    const allowed = { allowUnavailableLabels: true };
    const versionPolicy = { specific: [46, 47] };
    const before = model("a", { versionPolicy: { specific: [46] }, versionLabels: { stable: 46 } });
    const ahead = model("a", { versionPolicy, versionLabels: { stable: 46, canary: 47 } });
    const moved = model("a", { versionPolicy, versionLabels: { stable: 47 } });
    expect(found(planOf([before], [ahead], allowed))).toEqual(["warning not-awaited"]);
    expect(found(planOf([before], [moved], allowed))).toEqual([
      "warning not-awaited",
      'error label-not-loaded models[0].versionLabels["stable"]',
    ]);
  });

  it("finds a changed platform, and what check finds in the new configuration", () => {
    const from = [model("a"), model("b")];
    const to = [model("a", { platform: "mine" }), model("b", { basePath: "b" })];
    expect(found(planOf(from, to, { platforms: ["tensorflow", "mine"] }))).toEqual([
      "error relative-base-path models[1].basePath",
      "error changed-platform models[0].platform",
      "warning same-version-new-path models[1].basePath",
      "warning not-awaited",
    ]);
  });

  it("says that it does not know what goes when it is not told what there is", () => {
    const to = model("a", { versionPolicy: { specific: [1] }, versionLabels: { stable: 1 } });
    const planned = planOf(undefined, [to]);
    expect(planned.changes).toEqual([{ action: "set", model: "a", to }]);
    expect(found(planned)).toEqual([
      "warning unknown-baseline",
      'warning label-not-loaded models[0].versionLabels["stable"]',
    ]);
    expect(found(planOf(undefined, [to], { available: { a: [] } }))).toContain(
      'error label-not-loaded models[0].versionLabels["stable"]',
    );
  });

  it("names at most ten models in one warning", () => {
    const many = Array.from({ length: 12 }, (_, index) => model(`m${index}`));
    expect(planOf(many, []).problems.find(({ rule }) => rule === "unloads")?.reason).toMatch(/"m9" and 2 more$/);
  });
});

describe("printPlan", () => {
  it("shows each change under its model", () => {
    const from = [
      model("a", { versionPolicy: { specific: [45, 46] }, versionLabels: { stable: 46, old: 45 } }),
      model("gone", { versionPolicy: "all" }),
      model("same"),
    ];
    const to = [
      model("a", {
        basePath: "/new/a",
        versionPolicy: { specific: [46, 47] },
        versionLabels: { stable: 47, canary: 47 },
      }),
      model("same"),
      model("come", { platform: "mine", versionLabels: { x: 1 } }),
    ];
    expect(printPlan(planOf(from, to))).toBe(
      `~ a  changed
    path      /models/a -> /new/a
    versions  specific 45, 46 -> specific 46, 47
              loads 47, unloads 45
    label     stable 46 -> 47
    label     canary = 47
    label     old removed (was 45)
+ come  added
    path      /models/come
    platform  mine
    versions  latest 1
    labels    x = 1
- gone  unloaded
    path      /models/gone
    versions  all
1 unchanged: same`,
    );
  });

  it("says so when nothing changes", () => {
    expect(printPlan(planOf([], []))).toBe("nothing changes");
    expect(printPlan(planOf(undefined, [model("a")]))).toBe("= a\n    path      /models/a\n    versions  latest 1");
  });

  it("quotes names that could steer a terminal", () => {
    expect(printPlan(planOf(undefined, [model("\u001b[31m", { basePath: "/m" })]))).toContain('= "\\u001b[31m"');
  });
});
