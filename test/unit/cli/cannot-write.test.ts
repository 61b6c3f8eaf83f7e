import { describe, expect, it } from "vitest";
import { cannotWrite } from "../../../src/cli/cannot-write.ts";
import { EXIT, exitCodeOf } from "../../../src/cli/exit-codes.ts";

const failure = (code?: string) => Object.assign(new Error("what the system says"), code !== undefined && { code });

describe("cannotWrite", () => {
  it.each(["ENOENT", "EACCES", "EISDIR"])("takes %s for a wrong argument", (code) => {
    const error = cannotWrite("--report", "/a/b.html", failure(code));
    expect(error.message).toBe(`--report: cannot write /a/b.html (${code})`);
    expect(exitCodeOf(error)).toBe(EXIT.usage);
  });

  it.each(["ENOSPC", "EDQUOT", "EFBIG", "EIO"])("takes %s for work that could not be done", (code) => {
    expect(exitCodeOf(cannotWrite("--report", "/a/b.html", failure(code)))).toBe(EXIT.rpc);
  });

  it("says that the reason is unknown where there is none", () => {
    expect(cannotWrite("--report", "x", failure()).message).toBe("--report: cannot write x (unknown)");
  });
});
