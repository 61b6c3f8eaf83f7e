import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { warmUpInputs } from "../../../src/assembly/warm-up-inputs.ts";
import type { InputSource } from "../../../src/contract/input-source.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { predictLog, tfRecords } from "../grpc/warm-up/tf-records.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "tfserving-warm-up-"));
  folders.push(folder);
  return folder;
}

const wanted = (index = 0, signatureName = "serving_default") => ({
  signature: { methodName: "", inputs: {}, outputs: {} },
  signatureName,
  index,
  signal: new AbortController().signal,
});

async function firstOf(source: InputSource, index = 0): Promise<unknown> {
  const { x } = (await source.inputsFor(wanted(index))) as Record<string, Tensor>;
  return x?.data[0];
}

describe("warmUpInputs", () => {
  it("reads a file, gives its requests in turn, and calls them real", async () => {
    const path = join(folderOf(), "requests");
    writeFileSync(path, tfRecords([predictLog("", 1), predictLog("other", 9), predictLog("serving_default", 2)]));
    const source = warmUpInputs(path);
    expect(source).toMatchObject({ name: `warm-up file ${path}`, synthetic: false });
    expect([await firstOf(source), await firstOf(source, 1), await firstOf(source, 2)]).toEqual([1, 2, 1]);
  });

  it("finds the file in the folder of a version", async () => {
    const version = folderOf();
    mkdirSync(join(version, "assets.extra"));
    writeFileSync(join(version, "assets.extra", "tf_serving_warmup_requests"), tfRecords([predictLog("", 5)]));
    expect(await firstOf(warmUpInputs(version))).toBe(5);
  });

  it("reads the file once", async () => {
    const path = join(folderOf(), "requests");
    writeFileSync(path, tfRecords([predictLog("", 1)]));
    const source = warmUpInputs(path);
    await firstOf(source);
    writeFileSync(path, tfRecords([predictLog("", 2)]));
    expect(await firstOf(source)).toBe(1);
  });

  it("tries again after it could not be read", async () => {
    const path = join(folderOf(), "requests");
    const source = warmUpInputs(path);
    await expect(firstOf(source)).rejects.toThrow(`warm-up file ${path}: there is no such file`);
    writeFileSync(path, tfRecords([predictLog("", 1)]));
    expect(await firstOf(source)).toBe(1);
  });

  it("says what is wrong with it", async () => {
    const path = join(folderOf(), "requests");
    writeFileSync(path, "no records at all");
    await expect(firstOf(warmUpInputs(path))).rejects.toThrow("has a length with a wrong checksum");
    await expect(firstOf(warmUpInputs(folderOf()))).rejects.toThrow("there is no such file");
  });

  it("does not read a file of more than 64 MiB", async () => {
    const large = join(folderOf(), "large");
    writeFileSync(large, "");
    truncateSync(large, 2 ** 26 + 1);
    await expect(firstOf(warmUpInputs(large))).rejects.toThrow("it has 67108865 bytes, at most 67108864 are read");
  });

  it.skipIf(process.platform === "win32")(
    "waits for no pipe that nobody writes to, nor for the end of a device",
    async () => {
      const pipe = join(folderOf(), "pipe");
      execFileSync("mkfifo", [pipe]);
      for (const path of [pipe, "/dev/zero"]) {
        await expect(firstOf(warmUpInputs(path))).rejects.toThrow("it is no file");
      }
    },
  );

  it("ends with its signal", async () => {
    const path = fileURLToPath(new URL("../../fixtures/warm-up/requests.tfrecord", import.meta.url));
    const signal = AbortSignal.abort(new Error("the time of this check is over"));
    await expect(warmUpInputs(path).inputsFor({ ...wanted(), signal })).rejects.toThrow("the time of this check");
  });

  it.each([undefined, "", 7, {}])("refuses %j for a path", (path) => {
    expect(() => warmUpInputs(path as never)).toThrow("warmUpInputs: the argument must be the path of a file");
  });
});
