import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { type MemoryOptions, memoryOf, metricsOf, takeMemory } from "../../../src/cli/memory-options.ts";

function parse(...args: string[]): MemoryOptions {
  const command = takeMemory(new Command("soak"))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse(args, { from: "user" }).opts();
}

describe("memoryOf", () => {
  it("has no source where none is named", () => {
    expect(memoryOf(parse())).toBeUndefined();
  });

  it.each([
    [["--memory-pid", "4711"], "process 4711"],
    [["--memory-cgroup", "/sys/fs/cgroup/tf"], "/sys/fs/cgroup/tf"],
    [["--memory-cgroup", "4711"], "cgroup of process 4711"],
    [["--memory-docker", "tfserving"], "container tfserving"],
    [["--memory-kubernetes", "ranker-0"], "pod ranker-0"],
    [["--memory-kubernetes", "prod/ranker-0/serving"], "pod ranker-0"],
    [["--memory-prometheus", "http://c:8080/metrics?token=x", "--metric", "m"], "http://c:8080/metrics"],
  ])("reads %j", (args, name) => {
    expect(memoryOf(parse(...args))?.name).toBe(name);
  });

  it("takes the limit from the option, before what the source says", async () => {
    const source = memoryOf(parse("--memory-pid", String(process.pid), "--memory-limit", "32GB"));
    const reading = await source?.read({ signal: AbortSignal.timeout(10_000) });
    expect(reading?.bytes).toBeGreaterThan(0);
    expect(reading?.limitBytes).toBe(32e9);
  });

  it.each<[string[], string]>([
    [["--memory-pid", "1", "--memory-docker", "x"], "--memory-pid and --memory-docker exclude each other"],
    [["--metric", "m"], "--metric has an effect only with --memory-prometheus"],
    [["--memory-pid", "1", "--metric-label", "a=b"], "--metric-label has an effect only with --memory-prometheus"],
    [["--memory-limit", "1GB"], "--memory-limit has an effect only with a source of memory"],
    [
      ["--memory-prometheus", "http://c/metrics"],
      "--memory-prometheus needs --metric, for example container_memory_working_set_bytes",
    ],
    [
      ["--memory-kubernetes", "a/b/c/d"],
      "--memory-kubernetes is written pod, namespace/pod or namespace/pod/container",
    ],
  ])("refuses %j", (args, message) => {
    expect(() => memoryOf(parse(...args))).toThrow(new TypeError(message));
  });

  it.each([
    ["--memory-pid", "0"],
    ["--memory-pid", "x"],
    ["--metric-label", "=a"],
    ["--memory-limit", "much"],
  ])("refuses %s %s while it reads them", (...args) => {
    expect(() => parse(...args)).toThrow(/invalid/);
  });

  it("collects labels, whatever they are called", () => {
    const { metricLabel } = parse("--metric-label", "name=tf", "--metric-label", "__proto__=a=b");
    expect(Object.entries(metricLabel ?? {})).toEqual([
      ["name", "tf"],
      ["__proto__", "a=b"],
    ]);
  });
});

describe("metricsOf", () => {
  it("reads the server's page where one is given", () => {
    expect(metricsOf(parse(), "m")).toBeUndefined();
    expect(metricsOf(parse("--metrics", "http://h:8501/m?x=1"), "m")?.name).toBe("http://h:8501/m");
  });
});
