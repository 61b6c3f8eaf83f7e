import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createTestServer, halfPlusTwo } from "../../src/testing.ts";
import { NODE, ROOT } from "./run-program.ts";

const FOLDER = join(ROOT, "examples", "k8s");
const manifest = readFileSync(join(FOLDER, "probes.yaml"), "utf8");

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

describe("examples/k8s/probes.ts", () => {
  it("answers every probe of the manifest, and ends with SIGTERM", async () => {
    await using serving = await createTestServer({ models: { ranker: halfPlusTwo } });
    const child = spawn(NODE, [join(FOLDER, "probes.ts")], {
      env: { ...process.env, NODE_OPTIONS: "", TFS_ADDRESS: serving.grpcAddress, MODEL: "ranker", PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const line = await new Promise<string>((resolve) => child.stdout.setEncoding("utf8").once("data", resolve));
    const [, port] = /on port (\d+)/.exec(line) as RegExpExecArray;
    const paths = [...manifest.matchAll(/httpGet: \{ path: (\S+), port: 8080 \}/g)].map(([, path]) => path as string);
    expect(paths).toEqual(["/startupz", "/readyz", "/livez"]);
    for (const path of paths) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
      expect([path, answer.status]).toEqual([path, 200]);
    }
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });
});

describe("examples/k8s/probes.yaml", () => {
  const probe = (name: string) => new RegExp(`${name}Probe:\\n((?: {12}.*\\n)+)`).exec(manifest)?.[1] ?? "";
  const number = (text: string, field: string) => Number(new RegExp(`${field}: (\\d+)`).exec(text)?.[1]);

  it("gives each probe its level", () => {
    expect(probe("startup")).toContain("/startupz");
    expect(probe("readiness")).toContain("/readyz");
    expect(probe("liveness")).toContain("/livez");
  });

  it("waits longer than the handler takes to answer, and restarts later than it takes out of the service", () => {
    for (const name of ["readiness", "liveness"]) expect(number(probe(name), "timeoutSeconds")).toBe(1);
    const patience = (name: string) => number(probe(name), "periodSeconds") * number(probe(name), "failureThreshold");
    expect(patience("liveness")).toBeGreaterThan(patience("readiness"));
    expect(patience("startup")).toBeGreaterThan(300);
  });
});
