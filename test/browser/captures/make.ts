/**
 * Writes docs/captures/: what watch, soak and doctor look like on a terminal of 80 columns, and their HTML reports in a
 * browser. All of it is real: a server that leaks, a pseudo terminal, Chromium. Takes three minutes.
 *
 *   CHROMIUM=/usr/bin/chromium node test/browser/captures/make.ts
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "../../../src/index.ts";
import { openBrowser } from "../open-browser.ts";
import { Screen } from "./terminal-svg.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const CAPTURES = join(ROOT, "docs", "captures");
const COLUMNS = 80;
/** What is shown instead of the ports and the process number of the day, of the same use and easier on the eye. */
const PORTS = { grpc: "8500", rest: "8501" };
const PID = "4711";
const folder = mkdtempSync(join(tmpdir(), "tfserving-captures-"));

interface World {
  readonly address: string;
  /** Runs a command on a pseudo terminal, with the real ports and number in it: all that it wrote, as it is shown. */
  run(command: string): Promise<string>;
}

async function withServer(leakBytes: number, use: (world: World) => Promise<void>): Promise<void> {
  const program = fileURLToPath(new URL("./leaking-server.ts", import.meta.url));
  const server = spawn(process.execPath, [program, String(leakBytes)], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.on("close", resolve));
  const ports = await new Promise<string>((resolve) => server.stdout.setEncoding("utf8").once("data", resolve));
  const [grpc = "", rest = ""] = ports.trim().split(" ");
  const pid = String(server.pid);
  const real = (text: string) => text.replaceAll(PORTS.grpc, grpc).replaceAll(PORTS.rest, rest).replaceAll(PID, pid);
  const shown = (text: string) => text.replaceAll(pid, PID).replaceAll(grpc, PORTS.grpc).replaceAll(rest, PORTS.rest);
  try {
    await use({ address: `grpc://localhost:${grpc}`, run: async (command) => shown(await onTerminal(real(command))) });
  } finally {
    server.stdin.end();
    await ended;
  }
}

/** Runs the command line on a pseudo terminal: all that it wrote. */
function onTerminal(command: string): Promise<string> {
  const inside = `stty cols ${COLUMNS} rows 30; ${process.execPath} ${join(ROOT, "src/cli.ts")} ${command}`;
  const terminal = spawn("script", ["-qec", inside, "/dev/null"], {
    env: { ...process.env, TERM: "xterm-256color" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let seen = "";
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
    seen += text;
  });
  return new Promise((resolve) => terminal.on("close", () => resolve(seen)));
}

function save(name: string, title: string, screen: Screen): void {
  writeFileSync(join(CAPTURES, name), screen.toSvg(title, COLUMNS));
}

/** A command as it is typed, broken as a shell allows it. */
function prompt(command: string): string {
  const lines = ["$ tfserving"];
  for (const word of command.split(/ (?=-)| (?=\S+:)/)) {
    if (`${lines.at(-1)} ${word} \\`.length > COLUMNS) lines.push(`    ${word}`);
    else lines[lines.length - 1] += ` ${word}`;
  }
  return `\u001b[1m${lines.join(" \\\r\n")}\u001b[0m\r\n`;
}

const SOAK = "soak grpc://localhost:8500 -m ranker";
const MEMORY = "--memory-pid 4711 --memory-limit 8GB";

await withServer(5e6, async ({ run }) => {
  const sound = `${SOAK} --version 46 ${MEMORY}`;
  const leaking = `${SOAK} --version 47 ${MEMORY} --fuse 1GB`;
  save(
    "soak.svg",
    "two soaks on a terminal: version 46 is stable, version 47 leaks",
    new Screen()
      .write(prompt(sound) + (await run(sound)))
      .write(`\r\n${prompt(leaking)}`)
      .write((await run(`${leaking} --report ${folder}/soak.html`)).replaceAll(`${folder}/`, "")),
  );
  const doctor = "doctor grpc://localhost:8500 --other http://localhost:8501 -m ranker";
  save("doctor.svg", "doctor on a terminal", new Screen().write(prompt(doctor) + (await run(doctor))));
  const wrong = "doctor grpc://localhost:8501 --other http://localhost:8500";
  save(
    "doctor-wrong-ports.svg",
    "doctor where two ports were mixed up",
    new Screen().write(prompt(wrong) + (await run(wrong))),
  );
});

await withServer(2e6, async ({ address, run }) => {
  const client = createClient(address);
  const ranker = client.model("ranker", { version: 47 });
  const traffic = setInterval(() => void ranker.predict({ features: [1, 2, 5] }).catch(() => {}), 100);
  const page = "--metrics http://localhost:8501/monitoring/prometheus/metrics";
  const command = `watch grpc://localhost:8500 -m ranker --version 46 ${MEMORY} ${page} --window 2m --probe-every 10s`;
  const seen = await run(`${command} --for 125s --report ${folder}/watch.html`);
  clearInterval(traffic);
  await client.close();
  const last = seen.split("\u001b[H").at(-1)?.split("\u001b[?7h")[0] ?? "";
  save("watch.svg", "watch on a terminal: memory runs away", new Screen().write(last));
});

const browser = await openBrowser();
for (const [report, name, colorScheme] of [
  ["soak", "soak-report-light", "light"],
  ["watch", "watch-report-dark", "dark"],
] as const) {
  const { page } = await browser.open(join(folder, `${report}.html`), {
    colorScheme,
    viewport: { width: 900, height: 1_400 },
  });
  // Down to the first chart: the rest looks alike.
  const { y = 0, height = 0 } = (await page.locator("#memory").boundingBox()) ?? {};
  await page.screenshot({
    path: join(CAPTURES, `${name}.png`),
    clip: { x: 0, y: 0, width: 900, height: y + height + 24 },
  });
}
await browser.close();
rmSync(folder, { recursive: true });
