import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../../src/cli/exit-codes.ts";
import { runMain as run, runMainWith } from "./record-output.ts";

describe("main", () => {
  it("says its version, which is the package's", async () => {
    const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    expect(await run("--version")).toEqual({ code: EXIT.ok, out: manifest.version, complaints: "" });
  });

  it("helps with commands, examples and exit codes, in 80 columns", async () => {
    const { code, out } = await run("--help");
    expect(code).toBe(EXIT.ok);
    for (const part of ["serve", "demo", "predict", "Examples:", "Exit codes: 0 ok, 1 wrong usage"])
      expect(out).toContain(part);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it.each([
    "serve",
    "demo",
    "status",
    "metadata",
    "predict",
    "wait",
    "health",
    "config",
    "reload",
    "classify",
    "regress",
    "completion",
    "score",
  ])("helps with %s, with an example", async (command) => {
    const { code, out } = await run(command, "--help");
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/Examples?:\n {2}\$ tfserving /);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it.each(["check", "print", "plan"])("helps with config %s, exit codes included", async (command) => {
    const { out } = await run("config", command, "--help");
    expect(out).toMatch(/Examples?:\n {2}\$ tfserving .*Exit codes: 0 /s);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("shows its help as a complaint when there is no command", async () => {
    const { code, out, complaints } = await run();
    expect([code, out]).toEqual([EXIT.usage, ""]);
    expect(complaints).toContain("Usage: tfserving");
  });

  it.each([
    [["sreve"], "unknown command 'sreve'"],
    [["serve", "--prot", "1"], "unknown option '--prot'"],
    [["serve", "--grpc-port", "65536"], "a port is a number from 0 to 65535."],
    [["serve", "--rest-port", "x"], "a port is a number from 0 to 65535."],
    [["serve", "--tls-cert", "cert.pem"], "--tls-cert and --tls-key go together"],
    [["serve", "--tls-cert", "/none/a", "--tls-key", "/none/b"], "--tls-cert: cannot read /none/a (ENOENT)"],
    [["status"], 'no model: give --model NAME, TFS_MODEL, or "model"'],
    [["status", "-m", "m", "--version", "new"], "a version is a whole number from 0."],
    [
      ["metadata", "http://localhost", "-m", "m", "--version", "1", "--label", "a"],
      "--version and --label exclude each other",
    ],
    [["status", "ftp://localhost", "-m", "m"], "ftp"],
    [["status", "-m", "m", "--signature", "s"], "unknown option '--signature'"],
    [["predict", "-m", "m"], "no inputs: give --input, --inputs, --raw or --image"],
    [["predict", "-m", "m", "-i", "x=[1"], "is not JSON"],
    [["wait", "-m", "m", "--timeout", "0"], "a timeout is a whole number of milliseconds from 1."],
    [["health", "-m", "m", "--level", "deep"], "Allowed choices are connect, alive, loaded, predicts, stable."],
    [["health", "-m", "m", "--level", "loaded", "-i", "x=1"], 'inputs has an effect only at level "predicts"'],
  ])("refuses %j", async (args, message) => {
    const { code, out, complaints } = await run(...args);
    expect(complaints).toContain(message);
    expect([code, out]).toEqual([EXIT.usage, ""]);
  });

  it("names what was said on the command line, not what the library calls it", async () => {
    expect((await run("status", "localhost:8501", "-m", "m")).complaints).toMatch(
      /^tfserving: address "localhost:8501"/,
    );
    const { complaints } = await runMainWith({ TFS_TIMEOUT_MS: "soon" }, "status", "-m", "m");
    expect(complaints).toMatch(/^tfserving: TFS_TIMEOUT_MS: expected /);
  });

  it("gives a hint where the message alone does not help", async () => {
    expect((await run("status", "http://127.0.0.1:1", "-m", "m")).complaints).toContain("tfserving serve");
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const { code, complaints } = await run("serve", "--grpc-port", "0", "--rest-port", String(port));
    taken.close();
    expect([code, complaints]).toEqual([EXIT.connect, expect.stringContaining("--rest-port choose others")]);
  });
});
