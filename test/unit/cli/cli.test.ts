import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../../src/index.ts";
import { type RunningCli, runCli, startCli } from "./run-cli.ts";

const ANY_PORTS = ["--grpc-port", "0", "--rest-port", "0"];

describe("tfserving serve", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("prints one line a listener, serves, and ends well on %s", async (signal) => {
    const cli = startCli(["serve", ...ANY_PORTS]);
    const [grpc, rest] = (await cli.lines(2)) as [string, string];
    expect(grpc).toMatch(/^grpc:\/\/127\.0\.0\.1:\d+$/);
    expect(rest).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

    const answer = await fetch(`${rest}/v1/models/half_plus_two:predict`, {
      method: "POST",
      body: '{"instances": [1, 2, 5]}',
    });
    expect(await answer.json()).toEqual({ predictions: [2.5, 3, 4.5] });
    const client = createClient(grpc);
    const { outputs } = await client.model("half_plus_three").predict({ x: [2, 4] });
    expect(outputs["y"]?.toNested()).toEqual([4, 5]);
    const echoed = await client.model("echo", { signatureName: "int64" }).predict({ x: [9007199254740993n] });
    expect(echoed.outputs["x"]?.toNested()).toEqual([9007199254740993n]);
    await client.close();

    cli.kill(signal);
    expect(await cli.ended).toEqual({ code: 0, out: `${grpc}\n${rest}\n`, complaints: "" });
  });

  it("serves metrics when asked to, and has none otherwise", async () => {
    const page = "/monitoring/prometheus/metrics";
    const [withPage, without] = [startCli(["serve", ...ANY_PORTS, "--prometheus"]), startCli(["serve", ...ANY_PORTS])];
    try {
      const [[, rest], [, plain]] = await Promise.all([withPage.lines(2), without.lines(2)]);
      expect((await fetch(`${rest}${page}`)).status).toBe(200);
      expect((await fetch(`${plain}${page}`)).status).toBe(404);
    } finally {
      withPage.kill("SIGTERM");
      without.kill("SIGTERM");
      await Promise.all([withPage.ended, without.ended]);
    }
  });

  it("says which port is taken and ends with 2", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    const { code, out, complaints } = await runCli("serve", "--grpc-port", "0", "--rest-port", String(port));
    taken.close();
    expect([code, out]).toEqual([2, ""]);
    expect(complaints).toContain(String(port));
  });
});

describe("tfserving demo", () => {
  it("takes no harm from a reader that leaves early", async () => {
    const cli = startCli(["demo"]);
    await cli.lines(1);
    cli.stopReading();
    const { code, complaints } = await cli.ended;
    expect([code, complaints]).toEqual([0, ""]);
  });

  it("shows right answers over both wires, within 80 columns, and ends with 0", async () => {
    const { code, out, complaints } = await runCli("demo");
    expect([code, complaints]).toEqual([0, ""]);
    expect(out).toMatch(/grpc +\[2\.5, 3, 4\.5\] .* right\n +rest +\[2\.5, 3, 4\.5\] .* right\n/);
    expect(out).toContain("version 1 AVAILABLE");
    expect(out).toContain("[INVALID_ARGUMENT]");
    expect(out).toContain("[NOT_FOUND]");
    expect(out.match(/: pass, a prediction/g)).toHaveLength(2);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});

describe("commands that ask a server", () => {
  let server: RunningCli;
  let addresses: Record<"grpc" | "rest", string>;

  beforeAll(async () => {
    server = startCli(["serve", ...ANY_PORTS]);
    const [grpc, rest] = (await server.lines(2)) as [string, string];
    addresses = { grpc, rest };
  });
  afterAll(async () => {
    server.kill("SIGTERM");
    await server.ended;
  });

  it.each(["grpc", "rest"] as const)("show the status over %s", async (wire) => {
    expect(await runCli("status", addresses[wire], "-m", "half_plus_two")).toEqual({
      code: 0,
      out: "version 1  AVAILABLE\n",
      complaints: "",
    });
    const { out } = await runCli("status", addresses[wire], "-m", "half_plus_two", "--version", "1", "--json");
    expect(JSON.parse(out)).toEqual({ versions: [{ version: 1, state: "AVAILABLE" }] });
  });

  it.each(["grpc", "rest"] as const)("show the signatures over %s", async (wire) => {
    const { code, out } = await runCli("metadata", addresses[wire], "-m", "half_plus_two");
    expect(code).toBe(0);
    expect(out).toContain(
      "serving_default (tensorflow/serving/predict)\n  input   x  float32  [-1]\n  output  y  float32  [-1]\n",
    );
    expect(out).toContain("input   inputs   string   any shape");
    const json = JSON.parse((await runCli("metadata", addresses[wire], "-m", "half_plus_two", "--json")).out);
    expect(json.signatures.serving_default.inputs.x).toMatchObject({ dtype: "float32", shape: [-1] });
  });

  it.each(["grpc", "rest"] as const)("predict over %s", async (wire) => {
    const { code, out } = await runCli("predict", addresses[wire], "-m", "half_plus_two", "-i", "x=[1, 2, 5]");
    expect([code, out]).toEqual([0, "y float32 [3]\n  [2.5,3,4.5]\n"]);
    const echo = ["-m", "echo", "--signature", "int64", "-i", "x=[9007199254740993]", "--json"];
    const json = JSON.parse((await runCli("predict", addresses[wire], ...echo)).out);
    expect(json.outputs).toEqual({ x: { dtype: "int64", shape: [1], values: ["9007199254740993"] } });
  });

  it("take the address from TFS_ADDRESS", async () => {
    const { code, out } = await startCli(["status", "-m", "echo"], { TFS_ADDRESS: addresses.grpc }).ended;
    expect([code, out]).toEqual([0, "version 1  AVAILABLE\n"]);
  });

  it("end with 3 when the server answers with an error", async () => {
    const { code, out, complaints } = await runCli("status", addresses.rest, "-m", "half_plus_tow");
    expect([code, out]).toEqual([3, ""]);
    expect(complaints).toMatch(/^tfserving: \[NOT_FOUND\] .*half_plus_tow/);
  });

  it("end with 2 when nobody is there", async () => {
    const { code, complaints } = await runCli("status", "http://127.0.0.1:1", "-m", "m");
    expect(code).toBe(2);
    expect(complaints).toMatch(/^tfserving: \[UNAVAILABLE\]/);
  });

  it("wait for a model, and end with 4 when it does not come", async () => {
    expect(await runCli("wait", addresses.grpc, "-m", "half_plus_two")).toEqual({
      code: 0,
      out: "half_plus_two version 1 is AVAILABLE\n",
      complaints: "",
    });
    const { code, complaints } = await runCli("wait", addresses.grpc, "-m", "none", "--timeout", "300");
    expect(code).toBe(4);
    expect(complaints).toMatch(/^tfserving: \[DEADLINE_EXCEEDED\]/);
  });

  it.each(["grpc", "rest"] as const)("check the health over %s and tell the outcomes apart", async (wire) => {
    const about = ["health", addresses[wire], "-m", "half_plus_two", "--timeout", "20000"];
    const well = await runCli(...about, "-i", "x=[1, 2]", "--expect", "y=[2.5, 3]");
    expect(well.out).toMatch(/^pass: a prediction of model "half_plus_two" took /);
    expect(well.code).toBe(0);
    for (const line of well.out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    const wrong = await runCli(...about, "-i", "x=[1]", "--expect", "y=[3]", "--json");
    expect(JSON.parse(wrong.out)).toMatchObject({ status: "fail", checks: { expected: { status: "fail" } } });
    expect(wrong.code).toBe(4);
    expect((await runCli(...about, "--version", "7", "--level", "loaded")).code).toBe(4);
    expect((await runCli(...about, "--expect", 'y=["text"]')).code).toBe(5);
    expect(
      (await runCli("health", wire === "grpc" ? "grpc://127.0.0.1:1" : "http://127.0.0.1:1", "-m", "m")).code,
    ).toBe(2);
  });
});
