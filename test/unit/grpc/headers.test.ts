import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { fromMetadata, toMetadata } from "../../../src/grpc/headers.ts";

describe("toMetadata", () => {
  it("carries texts as they are and -bin names as the bytes behind their base64", () => {
    const metadata = toMetadata({ "x-request-id": "7", "trace-bin": "AQI=" });
    expect(metadata.get("x-request-id")).toEqual(["7"]);
    expect(metadata.get("trace-bin")).toEqual([Buffer.from([1, 2])]);
  });

  it.each([
    ["x-a", "secret\r\nx-b: c", 'header "x-a": the value must be printable ASCII text'],
    ["x-a", "secret\0", 'header "x-a": the value must be printable ASCII text'],
    ["x-a", "secrét", 'header "x-a": the value must be printable ASCII text'],
    ["x a", "secret", 'header "x a": a name may hold letters, digits, "-", "_" and "."'],
    [":path", "/secret", 'header ":path": a name may hold letters, digits, "-", "_" and "."'],
    ["x-bin", "secret!", 'header "x-bin": a name that ends in -bin takes base64'],
    ["grpc-timeout", "1S", 'header "grpc-timeout": the name is reserved, gRPC fills it in by itself'],
    ["content-type", "x", 'header "content-type": the name is reserved, gRPC fills it in by itself'],
    ["user-agent", "x", 'header "user-agent": the name is reserved, gRPC fills it in by itself'],
  ])("refuses %j: %j without showing the value", (name, value, text) => {
    expect(() => toMetadata({ [name]: value })).toThrow(`[INVALID_ARGUMENT] ${text}`);
  });
});

describe("fromMetadata", () => {
  it("joins several values, keeps bytes as base64, and has no prototype", () => {
    const metadata = new Metadata();
    metadata.add("x-a", "1");
    metadata.add("x-a", "2");
    metadata.add("t-bin", Buffer.from([1, 2]));
    const record = fromMetadata(metadata);
    expect(Object.getPrototypeOf(record)).toBeNull();
    expect({ ...record }).toEqual({ "x-a": "1, 2", "t-bin": "AQI=" });
  });
});
