import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestServer, halfPlusTwo, type TestServer } from "../../../src/testing.ts";
import { runMain as run } from "./record-output.ts";
import { startCli } from "./run-cli.ts";

let server: TestServer;
beforeEach(async () => {
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
});
afterEach(() => server.close());

const WATCH = ["-m", "half_plus_two", "--watch", "--interval", "10"];

describe("tfserving status --watch", () => {
  it("prints a line for each change in a pipe, failures included, until it is asked to end", async () => {
    const cli = startCli(["status", server.grpcAddress, ...WATCH]);
    await cli.lines(1);
    server.setVersionState("half_plus_two", 1, "LOADING");
    await cli.lines(2);
    await server.close();
    await cli.lines(3);
    cli.kill("SIGINT");
    const { code, out, complaints } = await cli.ended;
    expect([code, complaints]).toEqual([0, ""]);
    const lines = out.split("\n").map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z {2}/, ""));
    expect(lines.slice(0, 2)).toEqual(["version 1 AVAILABLE", "version 1 LOADING"]);
    expect(lines[2]).toMatch(/^\[UNAVAILABLE\] /);
  });

  it("prints JSON for programs", async () => {
    const cli = startCli(["status", server.restAddress, ...WATCH, "--json"]);
    const [line = ""] = await cli.lines(1);
    cli.kill("SIGTERM");
    expect(JSON.parse(line)).toEqual({
      time: expect.any(String),
      model: "half_plus_two",
      versions: [{ version: 1, state: "AVAILABLE" }],
    });
    expect((await cli.ended).code).toBe(0);
  });

  it("ends when nobody reads any more", async () => {
    const cli = startCli(["status", server.grpcAddress, ...WATCH]);
    await cli.lines(1);
    cli.stopReading();
    // What is written next finds nobody; what would not change writes nothing.
    for (const state of ["LOADING", "AVAILABLE", "LOADING", "UNLOADING"] as const) {
      const asked = server.calls.length;
      server.setVersionState("half_plus_two", 1, state);
      const ended = await Promise.race([cli.ended, untilCalls(server, asked + 2)]);
      if (ended !== undefined) break;
    }
    expect((await cli.ended).code).toBe(0);
  });

  it("has an interval only while it watches", async () => {
    const { code, complaints } = await run("status", server.grpcAddress, "-m", "half_plus_two", "--interval", "10");
    expect([code, complaints]).toEqual([1, "tfserving: --interval has an effect only with --watch"]);
  });
});

async function untilCalls(asked: TestServer, count: number): Promise<undefined> {
  const { setTimeout: sleep } = await import("node:timers/promises");
  for (let left = 1_000; asked.calls.length < count && left > 0; left--) await sleep(5);
}
