import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, describe, expect, it } from "vitest";
import { takeMemory } from "../../../../src/cli/memory-options.ts";
import { readDuration } from "../../../../src/cli/quantities.ts";
import { checkReportFile, reportContext, writeReport } from "../../../../src/cli/report/report-file.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tfserving-report-"));
  folders.push(folder);
  return folder;
}

describe("reportContext", () => {
  function contextOf(...args: string[]) {
    const program = new Command("tfserving").version("1.2.3");
    const command = takeMemory(program.command("soak"))
      .option("--duration <time>", "", readDuration)
      .option("--auth <header>", "")
      .option("--tls-key <file>", "")
      .option("-i, --input <name=JSON>", "");
    command.action(() => {});
    program.parse(["soak", ...args], { from: "user" });
    return reportContext(command);
  }

  it("names the options that were given, as a reader writes them", () => {
    expect(contextOf("--duration", "10m", "--memory-pid", "4711", "--memory-limit", "32GB").options).toEqual([
      ["--memory-pid", "4711"],
      ["--memory-limit", "32.0 GB"],
      ["--duration", "10 min"],
    ]);
    expect(contextOf()).toMatchObject({ options: [], madeBy: `tfserving 1.2.3 with Node.js ${process.version}` });
  });

  it("names no credential, no payload, and no address with what may hide in it", () => {
    const secret = "s3cret";
    const { options } = contextOf(
      ...["--auth", secret, "--tls-key", secret, "-i", `x=["${secret}"]`, "--metric-label", `a=${secret}`],
      ...["--metrics", `http://user:${secret}@host:8501/m?token=${secret}#${secret}`],
    );
    expect(options).toEqual([["--metrics", "http://host:8501/m"]]);
  });
});

describe("checkReportFile", () => {
  it("says before the work that a file cannot be written", async () => {
    const file = join(await newFolder(), "none", "report.html");
    await expect(checkReportFile(file)).rejects.toThrow(new TypeError(`--report: cannot write ${file} (ENOENT)`));
  });
});

describe("writeReport", () => {
  it("replaces what was there", async () => {
    const file = join(await newFolder(), "report.html");
    await writeReport(file, "a longer page");
    await checkReportFile(file);
    await writeReport(file, "page");
    expect(await readFile(file, "utf8")).toBe("page");
  });
});
