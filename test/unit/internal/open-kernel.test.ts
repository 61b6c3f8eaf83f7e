import { afterEach, describe, expect, it, vi } from "vitest";
import { openKernel } from "../../../src/internal/open-kernel.ts";

/** The smallest module that exports something: `answer`, a constant that an instruction makes. */
const module = (instruction: number) =>
  Buffer.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[6, 6, 1, 0x7f, 0, instruction, 42, 0x0b],
    ...[7, 10, 1, 6, ...Buffer.from("answer"), 3, 0],
  ]).toString("base64");

const CONSTANT = 0x41;
const UNKNOWN = 0xff;

describe("openKernel", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("gives what the module exports", () => {
    expect(openKernel<{ readonly answer: { readonly value: number } }>(module(CONSTANT))?.answer.value).toBe(42);
  });

  it("gives nothing where there is no WebAssembly", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect(openKernel(module(CONSTANT))).toBeUndefined();
  });

  it("gives nothing where the module cannot run", () => {
    expect(openKernel(module(UNKNOWN))).toBeUndefined();
    expect(openKernel("")).toBeUndefined();
  });
});
