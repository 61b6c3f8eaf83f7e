import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RUNTIMES = join(ROOT, "test", "package", "runtimes");

/** Where the packed package lies, for the tests: `inject("installed")`. */
export interface Installed {
  readonly tarball: string;
  /** A project outside this repository, so that nothing of its node_modules can be found by accident. */
  readonly project: string;
  /** Paths and sizes in the tarball, in bytes. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

declare module "vitest" {
  export interface ProvidedContext {
    installed: Installed;
  }
}

/** The Node.js versions the package is tried on: the lowest that it admits, and one of each line it supports. */
export const NODES: Readonly<Record<string, string>> = {
  "20.18.1": join(RUNTIMES, "node_modules", "node20", "bin", "node"),
  "22.23.3": join(RUNTIMES, "node_modules", "node22", "bin", "node"),
  "24.21.0": join(ROOT, "node_modules", "node", "bin", "node"),
  "26.10.0": join(RUNTIMES, "node_modules", "node26", "bin", "node"),
};

/** Packs what is in dist/, installs it into an empty project, and gets the other Node.js versions. */
export default function setup(project: TestProject): () => void {
  const scratch = mkdtempSync(join(tmpdir(), "tfserving-package-"));
  const consumer = join(scratch, "consumer");
  const [packed] = JSON.parse(npm(ROOT, ["pack", "--ignore-scripts", "--json", "--pack-destination", scratch]));
  const tarball = join(scratch, packed.filename);

  cpSync(join(ROOT, "test", "package", "consumer"), consumer, { recursive: true });
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const peers = ["msw", "@opentelemetry/api"].map((name) => `${name}@${lockedVersion(name)}`);
  npm(consumer, ["install", "--prefer-offline", "--ignore-scripts", tarball, ...peers]);
  if (
    modifiedMs(join(RUNTIMES, "node_modules", ".package-lock.json")) < modifiedMs(join(RUNTIMES, "package-lock.json"))
  ) {
    npm(RUNTIMES, ["ci"]);
  }

  project.provide("installed", { tarball, project: consumer, files: packed.files });
  return () => rmSync(scratch, { recursive: true, force: true });
}

/** Runs a program of the installed project; its output, or an error that shows all of it. */
export function run(node: string, project: string, programArguments: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(node, programArguments, {
    cwd: project,
    encoding: "utf8",
    timeout: 150_000,
    env: { ...process.env, NODE_OPTIONS: "", NODE_PATH: "" },
  });
  if (status !== 0) throw new Error(`${programArguments.join(" ")} ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

function npm(cwd: string, npmArguments: readonly string[]): string {
  return execFileSync("npm", [...npmArguments, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
}

function lockedVersion(name: string): string {
  return JSON.parse(
    execFileSync("npm", ["pkg", "get", "version"], { cwd: join(ROOT, "node_modules", name), encoding: "utf8" }),
  );
}

function modifiedMs(path: string): number {
  return existsSync(path) ? statSync(path).mtimeMs : Number.NEGATIVE_INFINITY;
}
