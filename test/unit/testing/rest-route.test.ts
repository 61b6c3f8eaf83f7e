import { describe, expect, it } from "vitest";
import { readRoute } from "../../../src/testing/rest-route.ts";

function routed(operation: string, name: string, version?: bigint, versionLabel?: string) {
  return { kind: "route", operation, model: { name, version, versionLabel } };
}

describe("readRoute", () => {
  it.each([
    ["POST", "/v1/models/m:predict", routed("predict", "m")],
    ["POST", "/v1/models/m/versions/7:classify", routed("classify", "m", 7n)],
    ["POST", "/v1/models/m/labels/canary:regress", routed("regress", "m", undefined, "canary")],
    ["GET", "/v1/models/m", routed("getModelStatus", "m")],
    ["GET", "/v1/models/m/versions/7", routed("getModelStatus", "m", 7n)],
    ["GET", "/v1/models/m/metadata", routed("getModelMetadata", "m")],
    ["GET", "/v1/models/m/labels/l/metadata", routed("getModelMetadata", "m", undefined, "l")],
  ])("takes %s %s", (method, target, expected) => {
    expect(readRoute(method, target)).toEqual(expected);
  });

  it("reads a list of all models as a status without a name", () => {
    expect(readRoute("GET", "/v1/models")).toEqual(routed("getModelStatus", ""));
    expect(readRoute("GET", "/v1/models/versions/1")).toEqual(routed("getModelStatus", "", 1n));
  });

  it("decodes names after matching, so that a slash can be part of one", () => {
    expect(readRoute("POST", "/v1/models/a%2Fb%3Ac+d:predict")).toEqual(routed("predict", "a/b:c+d"));
  });

  it("takes the query for a part of the name", () => {
    expect(readRoute("GET", "/v1/models/m?x=1")).toEqual(routed("getModelStatus", "m?x=1"));
  });

  it("matches literal words in any case, but answers a METADATA with the status", () => {
    expect(readRoute("GET", "/V1/MODELS/m/METADATA")).toEqual(routed("getModelStatus", "m"));
  });

  it.each([
    ["POST", "/v1/models/m:PREDICT"],
    ["POST", "/v1/models/m:predict?x=1"],
    ["POST", "/v1/models/m:predict/"],
    ["POST", "/v1/models/m/versions/1/labels/l:predict"],
    ["POST", "/v1/models/m"],
    ["GET", "/v1/models/m/"],
    ["PUT", "/v1/models/m"],
  ])("finds %s %s malformed", (method, target) => {
    expect(readRoute(method, target).kind).toBe("malformed");
  });

  it("tells a version beyond int64 apart", () => {
    expect(readRoute("GET", "/v1/models/m/versions/9223372036854775807").kind).toBe("route");
    expect(readRoute("GET", "/v1/models/m/versions/9223372036854775808").kind).toBe("versionOverflow");
  });
});
