import { describe, expect, inject, it } from "vitest";
import { NODES, run } from "./installed.ts";

const { project } = inject("installed");

describe.each(Object.entries(NODES))("the packed package on Node %s", (version, node) => {
  it("serves and predicts on both wires, imported", () => {
    expect(run(node, project, ["smoke.mjs"])).toBe(`smoke ok on v${version}\n`);
  });

  it("serves and predicts on both wires, required", () => {
    expect(run(node, project, ["smoke.cjs"])).toBe(`smoke ok on v${version}\n`);
  });

  it("knows errors and tensors of its other copy", () => {
    expect(run(node, project, ["two-copies.mjs"])).toBe("two copies ok\n");
  });

  it("serves a thousand calls on one signal, without a warning of leaks", () => {
    expect(run(node, project, ["one-signal.mjs"])).toBe("one signal ok\n");
  });

  it("has a command line that tells its version", () => {
    expect(run(node, project, ["node_modules/tfserving/dist/cli.js", "--version"]).trim()).toMatch(/\d+\.\d+\.\d+/);
  });
});
