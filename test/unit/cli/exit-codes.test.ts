import { describe, expect, it } from "vitest";
import { EXIT, exitCodeOf } from "../../../src/cli/exit-codes.ts";
import { ServingError } from "../../../src/index.ts";

describe("exitCodeOf", () => {
  it.each([
    [new TypeError("wrong option"), EXIT.usage],
    [new ServingError("refused", { code: "UNAVAILABLE", kind: "unavailable" }), EXIT.connect],
    [new ServingError("not HTTP/2", { code: "INTERNAL", kind: "protocol" }), EXIT.connect],
    [new ServingError("certificate", { code: "UNAVAILABLE", kind: "tls" }), EXIT.connect],
    [new ServingError("no such model", { code: "NOT_FOUND", kind: "not_found" }), EXIT.rpc],
    [new ServingError("full", { code: "UNAVAILABLE", kind: "overloaded" }), EXIT.rpc],
    [Object.assign(new Error("listen EADDRINUSE"), { syscall: "listen" }), EXIT.connect],
    [new Error("anything else"), EXIT.rpc],
    ["no error at all", EXIT.rpc],
  ])("of %s", (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});
