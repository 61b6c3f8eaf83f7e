import { describe, expect, it } from "vitest";
import { judge } from "../../../src/client/readiness.ts";
import type { ModelVersionState, ModelVersionStatus } from "../../../src/contract/model-status.ts";

const version = (number: number | bigint, state: ModelVersionState, code?: "NOT_FOUND"): ModelVersionStatus => ({
  version: number,
  state,
  ...(code === undefined ? {} : { error: { code, message: "no such file" } }),
});

describe("judge", () => {
  it("is ready with any version where none is named", () => {
    const versions = [version(2, "LOADING"), version(1, "AVAILABLE")];
    expect(judge({ versions }, {})).toEqual({ kind: "ready", status: versions[1] });
  });

  it("is ready with the named version alone, number or bigint", () => {
    const versions = [version(2, "LOADING"), version(1, "AVAILABLE")];
    expect(judge({ versions }, { version: 1n }).kind).toBe("ready");
    expect(judge({ versions }, { version: 2 })).toEqual({ kind: "waiting", lastSeen: "version 2 in state LOADING" });
  });

  it("has failed when every version that counts ended in an error", () => {
    const versions = [version(2, "END", "NOT_FOUND"), version(1, "END", "NOT_FOUND")];
    expect(judge({ versions }, {})).toEqual({ kind: "failed", status: versions[0] });
    expect(judge({ versions: [version(2, "END", "NOT_FOUND"), version(1, "AVAILABLE")] }, { version: 2 }).kind).toBe(
      "failed",
    );
  });

  it("waits for versions that were unloaded without an error, and for those that nobody has seen", () => {
    expect(judge({ versions: [version(1, "END")] }, {}).kind).toBe("waiting");
    expect(judge({ versions: [version(2, "END", "NOT_FOUND"), version(1, "END")] }, {}).kind).toBe("waiting");
    expect(judge({ versions: [] }, {})).toEqual({ kind: "waiting", lastSeen: "no version" });
  });
});
