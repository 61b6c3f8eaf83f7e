import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestServer, halfPlusTwo, type ModelDefinition, type TestServer } from "../../../../src/testing.ts";
import { runCli, startCli } from "../run-cli.ts";

const spec = (shape: readonly number[]) => ({ dtype: "float32", shape, tensorName: "" });

function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** y = x, but for the row that it holds back until the test lets go. */
const held = { x: 300, arrived: gate(), letGo: gate() };
const holding: ModelDefinition = {
  versions: {
    1: {
      signatures: {
        serving_default: { methodName: "", inputs: { x: spec([-1]) }, outputs: { y: spec([-1]) } },
      },
      predict: async ({ x }) => {
        if ((x!.data as Float32Array).includes(held.x)) {
          held.arrived.open();
          await held.letGo.opened;
        }
        return { y: x! };
      },
    },
  },
};

let server: TestServer;
let folder: string;
let output: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tfserving-score-"));
  server = await createTestServer({
    models: {
      half_plus_two: halfPlusTwo,
      holding,
      // One vector in, one number out: no batch.
      sum: {
        versions: {
          1: {
            signatures: { serving_default: { methodName: "", inputs: { x: spec([3]) }, outputs: { y: spec([]) } } },
            predict: ({ x }) => ({
              y: {
                dtype: "float32",
                shape: [],
                data: Float32Array.of((x!.data as Float32Array).reduce((a, b) => a + b)),
              },
            }),
          },
        },
      },
    },
  });
});
beforeEach(async () => {
  output = join(folder, "out.ndjson");
  await rm(output, { force: true });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function score(input: string, ...more: readonly string[]) {
  const args = ["score", server.grpcAddress, "-m", "half_plus_two", ...more];
  const { code, out, complaints } = await startCli(args, {}, input).ended;
  return { code, complaints, lines: toLines(out) };
}

function toLines(text: string): unknown[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const line = (row: number, x = row) => ({ row, outputs: { y: x / 2 + 2 } });
const numbers = (count: number) => Array.from({ length: count }, (_, number) => `${number}\n`).join("");

describe("tfserving score", () => {
  it("reads a pipe and writes a line for each row, in order, with nothing besides", async () => {
    const predicted = server.calls.length;
    const { code, complaints, lines } = await score(numbers(200));
    expect([code, complaints]).toEqual([0, ""]);
    expect(lines).toEqual(Array.from({ length: 200 }, (_, row) => line(row)));
    expect(server.calls.slice(predicted).filter(({ operation }) => operation === "predict").length).toBeLessThan(8);
  });

  it("writes the error of a row that cannot be predicted, goes on with the others, and ends with 3", async () => {
    const { code, complaints, lines } = await score('1\n"two"\nnope\n{"z": 3}\n4\n');
    expect(code).toBe(3);
    expect(complaints).toBe("tfserving: 3 rows failed: their lines say why\n");
    expect(lines).toEqual([
      line(0, 1),
      { row: 1, error: { code: "INVALID_ARGUMENT", message: expect.stringContaining('input "x"') } },
      { row: 2, error: { code: "INVALID_ARGUMENT", message: "the line is not JSON" } },
      {
        row: 3,
        error: { code: "INVALID_ARGUMENT", message: expect.stringContaining('input "z" is not in signature') },
      },
      line(4),
    ]);
  });

  it("reads CSV from a file and writes to a file, over REST", async () => {
    const input = join(folder, "in.csv");
    await writeFile(input, "x\n1\n2\n5\n");
    const { code, out } = await runCli("score", server.restAddress, "-m", "half_plus_two", "-i", input, "-o", output);
    expect([code, out]).toEqual([0, ""]);
    expect(toLines(await readFile(output, "utf8"))).toEqual([line(0, 1), line(1, 2), line(2, 5)]);
  });

  it("takes every n-th row of a shard, under its number in the whole", async () => {
    const [first, second] = await Promise.all([
      score(numbers(5), "--shard", "0/2"),
      score(numbers(5), "--shard", "1/2"),
    ]);
    expect(first.lines).toEqual([line(0), line(2), line(4)]);
    expect(second.lines).toEqual([line(1), line(3)]);
  });

  it("goes on behind the last whole line of its output", async () => {
    const before = `${JSON.stringify(line(0))}\n${JSON.stringify(line(2))}\n`;
    await writeFile(output, `${before}{"row":4,"outp`);
    const { code, lines } = await score(numbers(8), "--shard", "0/2", "-o", output, "--resume");
    expect([code, lines]).toEqual([0, []]);
    expect(toLines(await readFile(output, "utf8"))).toEqual([0, 2, 4, 6].map((row) => line(row)));
  });

  it("can be killed at any moment, and resumed as if nothing had been", async () => {
    const input = join(folder, "many.ndjson");
    await writeFile(input, numbers(1_000));
    const args = ["score", server.grpcAddress, "-m", "holding", "-i", input, "-o", output];
    const killed = startCli(args);
    await held.arrived.opened;
    killed.kill("SIGKILL");
    await killed.ended;
    expect(toLines(await readFile(output, "utf8")).length).toBeLessThanOrEqual(held.x);
    held.letGo.open();
    expect(await runCli(...args, "--resume")).toEqual({ code: 0, out: "", complaints: "" });
    const lines = toLines(await readFile(output, "utf8"));
    expect(lines).toEqual(Array.from({ length: 1_000 }, (_, row) => ({ row, outputs: { y: row } })));
  });

  it("refuses to go on with the file of another shard", async () => {
    await writeFile(output, `${JSON.stringify(line(3))}\n`);
    const { code, complaints } = await score(numbers(8), "--shard", "0/2", "-o", output, "--resume");
    expect(code).toBe(1);
    expect(complaints).toContain("row 3, which is none of shard 0/2");
  });

  it("leaves no output behind for an input that is not there", async () => {
    const input = join(folder, "missing.csv");
    const { code, complaints } = await score("", "-i", input, "-o", output);
    expect([code, complaints]).toEqual([1, `tfserving: cannot read ${input} (ENOENT)\n`]);
    await expect(readFile(output)).rejects.toThrow("ENOENT");
  });

  it("overwrites nothing: a file with lines needs --resume", async () => {
    await writeFile(output, "{}\n");
    const { code, complaints } = await score("1\n", "-o", output);
    expect(code).toBe(1);
    expect(complaints).toContain("--resume");
    expect(await readFile(output, "utf8")).toBe("{}\n");
  });

  it("stops at a failure of the server, and leaves what can be resumed", async () => {
    const fault = server.inject({ operation: "predict", code: "PERMISSION_DENIED", message: "not today" });
    const { code, complaints } = await score(numbers(3), "-o", output);
    fault.remove();
    expect(code).toBe(3);
    expect(complaints).toContain("not today");
    expect(await readFile(output, "utf8")).toBe("");
  });

  it.skipIf(!existsSync("/dev/full"))("fails when its lines cannot be written", async () => {
    const { code, complaints } = await score("1\n", "-o", "/dev/full");
    expect([code, complaints]).toEqual([
      3,
      "tfserving: cannot write what was scored: ENOSPC: no space left on device, write\n",
    ]);
  });

  it("refuses a model without a batch, and takes it with --batch-size 1", async () => {
    const args = ["score", server.grpcAddress, "-m", "sum"];
    const refused = await startCli(args, {}, "[1,2,3]\n").ended;
    expect(refused.code).toBe(3);
    expect(refused.complaints).toContain("cannot share requests");
    const { code, out } = await startCli([...args, "--batch-size", "1"], {}, "[1,2,3]\n[4,5,6]\n").ended;
    expect([code, toLines(out)]).toEqual([
      0,
      [
        { row: 0, outputs: { y: 6 } },
        { row: 1, outputs: { y: 15 } },
      ],
    ]);
  });

  it.each([
    [["--shard", "2/2"], "a shard is written i/n"],
    [["--batch-size", "0"], "whole number from 1"],
    [["--resume"], "--resume needs the file of --output"],
    [["--format", "xml"], "Allowed choices are ndjson, csv"],
  ])("refuses %j", async (more, text) => {
    const { code, complaints } = await score("1\n", ...more);
    expect(code).toBe(1);
    expect(complaints).toContain(text);
  });
});
