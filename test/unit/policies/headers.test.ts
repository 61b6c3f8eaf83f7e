import { describe, expect, it } from "vitest";
import { credentialHeader, headerProblem, mergeHeaders, NO_HEADERS } from "../../../src/policies/headers.ts";

describe("headerProblem", () => {
  it("finds nothing wrong with ordinary headers", () => {
    expect(headerProblem("X-Tenant", "a b\tc")).toBeUndefined();
    expect(headerProblem("authorization", "Bearer abc")).toBeUndefined();
    expect(headerProblem("x-tenant", null)).toBeUndefined();
  });

  it.each([
    ["", "x", 'header "" is not a header name'],
    ["a b", "x", 'header "a b" is not a header name'],
    [":path", "x", 'header ":path" is not a header name'],
    ["Content-Length", "1", 'header "Content-Length" is written by the client itself'],
    ["grpc-timeout", "1S", 'header "grpc-timeout" is written by the client itself'],
    ["trace-bin", "x", 'header "trace-bin": binary headers (-bin) cannot be sent'],
    ["x", 5, 'header "x" must be a string, or null to take a default away'],
    ["x", "a\r\nb: c", 'header "x" may hold visible ASCII characters, spaces and tabs only'],
    ["x", "ü", 'header "x" may hold visible ASCII characters, spaces and tabs only'],
  ])("refuses %j: %j", (name, value, problem) => {
    expect(headerProblem(name, value)).toBe(problem);
  });

  it("never shows a value", () => {
    expect(headerProblem("authorization", "se\ncret")).not.toContain("cret");
  });
});

describe("mergeHeaders", () => {
  it("lays one over the other, whatever the case of the names", () => {
    const base = mergeHeaders(NO_HEADERS, { "X-Tenant": "a", "x-keep": "k" });
    expect({ ...mergeHeaders(base, { "x-tenant": "b", "X-NEW": "n" }) }).toEqual({
      "x-tenant": "b",
      "x-keep": "k",
      "x-new": "n",
    });
  });

  it("takes a default away with null", () => {
    const base = mergeHeaders(NO_HEADERS, { "x-tenant": "a" });
    expect({ ...mergeHeaders(base, { "X-Tenant": null }) }).toEqual({});
  });

  it("hands back the base when there is nothing to lay over it", () => {
    const base = mergeHeaders(NO_HEADERS, { a: "1" });
    expect(mergeHeaders(base, undefined)).toBe(base);
  });

  it("gives records without a prototype, in which __proto__ is a name like any other", () => {
    const merged = mergeHeaders(NO_HEADERS, JSON.parse('{"__proto__": "x"}'));
    expect(Object.getPrototypeOf(merged)).toBeNull();
    expect(Object.keys(merged)).toEqual(["__proto__"]);
  });
});

describe("credentialHeader", () => {
  it("names the header that carries a credential", () => {
    expect(credentialHeader(mergeHeaders(NO_HEADERS, { Cookie: "a=b" }))).toBe("cookie");
    expect(credentialHeader(mergeHeaders(NO_HEADERS, { "x-tenant": "b" }))).toBeUndefined();
  });
});
