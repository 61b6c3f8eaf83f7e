import { describe, expect, it } from "vitest";
import { addressOf, otherTarget, placeOf, readTarget } from "../../../../src/cli/doctor/target.ts";

describe("readTarget", () => {
  it.each([
    ["grpc://host", { wire: "grpc", isSecure: false, host: "host", port: 8500, path: "" }],
    ["grpcs://host:443", { wire: "grpc", isSecure: true, host: "host", port: 443, path: "" }],
    ["http://host/models/", { wire: "rest", isSecure: false, host: "host", port: 8501, path: "/models" }],
    ["http://host:80/a", { wire: "rest", isSecure: false, host: "host", port: 80, path: "/a" }],
    ["https://[::1]:9000", { wire: "rest", isSecure: true, host: "::1", port: 9000, path: "" }],
  ])("reads %s", (address, target) => {
    expect(readTarget(address)).toEqual(target);
  });

  it.each([
    "host:8500",
    "ftp://host",
    "grpc://",
    "grpc://a,grpc://b",
    "grpc://user:pass@host",
    "grpc+unix:///x",
    "toString://x",
  ])("refuses %s", (address) => {
    expect(() => readTarget(address)).toThrow(TypeError);
  });
});

describe("otherTarget", () => {
  it.each([
    ["grpc://h:8500", "http://h:8501"],
    ["http://h:8501", "grpc://h:8500"],
    ["grpcs://h:8500", "https://h:8501"],
    // On the wrong port of the two, the right one is the other.
    ["grpc://h:8501", "grpc://h:8500"],
    ["http://h:8500", "http://h:8501"],
  ])("is, of %s, %s", (address, other) => {
    const target = otherTarget(readTarget(address), undefined);
    expect(target && addressOf(target)).toBe(other);
  });

  it("is what was given, and nothing where the port says nothing", () => {
    expect(otherTarget(readTarget("grpc://h:443"), undefined)).toBeUndefined();
    expect(otherTarget(readTarget("grpc://h:443"), "http://h:80")?.port).toBe(80);
  });
});

describe("placeOf", () => {
  it("has brackets around an IPv6 address", () => {
    expect([placeOf({ host: "::1", port: 1 }), placeOf({ host: "h", port: 1 })]).toEqual(["[::1]:1", "h:1"]);
  });
});
