import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { OUTPUT_SCHEMAS } from "../output-schemas.ts";
import { runMain } from "../record-output.ts";
import { startCli } from "../run-cli.ts";
import { openLeakingWorld } from "./leaking-world.ts";

let world: Awaited<ReturnType<typeof openLeakingWorld>>;
let folder: string;
beforeAll(async () => {
  world = await openLeakingWorld();
  folder = await mkdtemp(join(tmpdir(), "tfserving-watch-"));
  // The first look of all loads what the others find loaded.
  await runMain("status", world.grpc, "-m", "ranker");
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

const about = () => ["watch", world.grpc, "-m", "ranker", "--interval", "100ms", "--timeout", "14000"];

const read = (out: string) => out.split("\n").map((line) => OUTPUT_SCHEMAS.watch.parse(JSON.parse(line)));

describe("tfserving watch", () => {
  it("prints a line of JSON a look, which fits its schema, and one prediction for all of them", async () => {
    const before = world.predictions();
    const { code, out } = await runMain(...about(), ...world.memory, ...world.metrics, "--samples", "3", "--json");
    expect(code).toBe(0);
    const samples = read(out);
    expect(samples).toHaveLength(3);
    expect(samples[2]).toMatchObject({
      model: "ranker",
      endpoint: world.grpc,
      versions: [{ version: 2 }, { version: 1 }],
      probe: { state: "on", sent: 1, failed: 0 },
      memory: { limitBytes: 32e9 },
    });
    expect(samples[2]?.server?.requests).toBeGreaterThanOrEqual(0);
    expect(world.predictions() - before).toBe(1);
  });

  it("prints a line of text a look in a pipe, and ends after its time", async () => {
    const { code, out } = await runMain(...about(), ...world.memory, "--for", "300ms");
    expect(code).toBe(0);
    for (const line of out.split("\n")) {
      expect(line).toMatch(
        /^\d{4}-\d\d-\d\dT[\d:]{8}Z {2}2 AVAILABLE, 1 AVAILABLE .*memory \d+\.\d+ GB {2}inconclusive$/,
      );
    }
  });

  it("sends no prediction when none is wanted", async () => {
    const before = world.predictions();
    const { out } = await runMain(...about(), "--no-probe", "--samples", "2", "--json");
    expect(read(out)[1]).toMatchObject({ probe: { state: "off", sent: 0 } });
    expect(world.predictions()).toBe(before);
  });

  it("goes on while the server is away, and ends with 2 then", async () => {
    const { code, out } = await runMain(
      "watch",
      "grpc://127.0.0.1:1",
      "-m",
      "m",
      "--interval",
      "100ms",
      "--samples",
      "2",
      "--json",
    );
    expect(code).toBe(2);
    expect(read(out).map(({ statusError }) => statusError)).toEqual([
      expect.stringContaining("ECONNREFUSED"),
      expect.stringContaining("ECONNREFUSED"),
    ]);
  });

  it("ends with 3 for a model that is not, and with 4 for one that cannot predict", async () => {
    expect((await runMain("watch", world.grpc, "-m", "none", "--samples", "1")).code).toBe(3);
    expect((await runMain(...about(), "-i", 'x=["text"]', "--samples", "1")).code).toBe(4);
  });

  it("writes a report when it ends", async () => {
    const file = join(folder, "watch.html");
    const { complaints } = await runMain(...about(), ...world.memory, "--samples", "3", "--report", file);
    expect(complaints).toBe(`report: ${file}`);
    const page = await readFile(file, "utf8");
    expect(page).toContain("<h1>Watch of ranker</h1>");
    expect(page).toContain('<figure id="memory">');
  });

  it("ends when nobody reads any more, and well when it is asked to", async () => {
    const cut = startCli([...about(), "--json"]);
    await cut.lines(1);
    cut.stopReading();
    expect(await cut.ended).toMatchObject({ code: 0, complaints: "" });
    const asked = startCli([...about(), "--json"]);
    await asked.lines(2);
    asked.kill("SIGTERM");
    expect(await asked.ended).toMatchObject({ code: 0, complaints: "" });
  });

  it.each<[readonly string[], string]>([
    [["--interval", "50ms"], "an interval is 100ms at least"],
    [["grpc://a:8500,grpc://b:8500", "--memory-pid", "1"], "memory is that of one server: give the address of one"],
    [["--window", "5s"], "a window is whole seconds, 10s at least"],
    [["--memory-limit", "1GB"], "--memory-limit has an effect only with a source of memory"],
  ])("refuses %j with 1", async (args, message) => {
    const { code, complaints } = await runMain("watch", ...args, "-m", "ranker");
    expect(code).toBe(1);
    expect(complaints).toContain(message);
  });
});

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const NODE = join(ROOT, "node_modules", "node", "bin", "node");
/** util-linux has the pseudo terminal that this needs. */
const hasTerminal = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true;

describe.runIf(hasTerminal)("tfserving watch on a terminal", () => {
  it("draws in place, draws anew for another size, and gives the terminal back at Ctrl+C", async () => {
    const command = [NODE, join(ROOT, "src", "cli.ts"), ...about(), ...world.memory]
      .map((word) => `'${word}'`)
      .join(" ");
    // Ctrl+C reaches the shell, too. Where that is not bash, it would end with it before it says the code.
    const inside = `trap : INT; stty cols 60 rows 20; echo "tty=$(tty)"; ${command}; echo "code=$? $(stty -a | grep -o ' echo ')"`;
    const terminal = spawn("script", ["-qec", inside, "/dev/null"], {
      env: { ...process.env, SHELL: "/bin/sh", TERM: "xterm-256color", TFS_ADDRESS: "" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let seen = "";
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
      seen += text;
    });
    const ended = new Promise((resolve) => terminal.on("close", resolve));
    const until = (isThere: () => boolean) => vi.waitUntil(isThere, { timeout: 14_000 });
    try {
      await until(() => seen.includes("\u001b[?1049h") && seen.includes("Ctrl+C ends"));
      const [, tty = ""] = /tty=(\S+)/.exec(seen) ?? [];
      expect(widestOf(seen.slice(seen.indexOf("\u001b[?1049h")))).toBeLessThanOrEqual(60);
      const before = seen.length;
      spawnSync("stty", ["-F", tty, "cols", "30", "rows", "10"]);
      await until(() => {
        const whole = seen.slice(before).split("\u001b[H").slice(1, -1);
        return whole.length > 1 && widestOf(whole.at(-1) ?? "") <= 30;
      });
      terminal.stdin.write("\u0003");
      await ended;
    } finally {
      terminal.kill();
    }
    expect(seen).toContain("\u001b[?7h\u001b[?25h\u001b[?1049l");
    // What was seen last stays, and the terminal is as it was.
    const rest = seen.slice(seen.lastIndexOf("\u001b[?1049l"));
    expect(rest).toContain("ranker");
    expect(rest).toContain("code=0  echo ");
  });
});

/** Of all lines in all pictures. */
function widestOf(text: string): number {
  const lines = text.split(/\r?\n|\u001b\[H/);
  return Math.max(...lines.map((line) => [...line.replace(/\u001b\[[?\d;]*[A-Za-z]/g, "")].length));
}
