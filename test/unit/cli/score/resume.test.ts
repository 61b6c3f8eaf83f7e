import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resumeAfter } from "../../../../src/cli/score/resume.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tfserving-resume-"));
});
afterAll(() => rm(folder, { recursive: true }));

const ALL = { index: 0, of: 1 };

async function resumed(text: string, shard = ALL): Promise<[row: number | undefined, left: string]> {
  const path = join(folder, "out.ndjson");
  await writeFile(path, text);
  const row = await resumeAfter(path, shard);
  return [row, await readFile(path, "utf8")];
}

describe("resumeAfter", () => {
  it("finds the last row and cuts off a line that was not finished", async () => {
    const whole = '{"row":3,"outputs":{}}\n{"row":7,"outputs":{}}\n';
    expect(await resumed(whole)).toEqual([7, whole]);
    expect(await resumed(`${whole}{"row":8,"out`)).toEqual([7, whole]);
  });

  it("finds it behind a line of any length", async () => {
    const long = `{"row":12,"outputs":{"y":"${"z".repeat(200_000)}"}}\n`;
    expect((await resumed(`{"row":11}\n${long}`))[0]).toBe(12);
    expect((await resumed(`{"row":11}\n${long.slice(0, -9)}`))[0]).toBe(11);
  });

  it("begins at the beginning where no line is whole", async () => {
    expect(await resumed("")).toEqual([undefined, ""]);
    expect(await resumed('{"row":0')).toEqual([undefined, ""]);
    expect(await resumeAfter(join(folder, "missing"), ALL)).toBeUndefined();
  });

  it("refuses a file of something else, and leaves it as it is", async () => {
    for (const text of ["hello\n", "hello", '{"row":1}\nhello']) {
      await expect(resumed(text)).rejects.toThrow("is none of this command's");
      expect(await readFile(join(folder, "out.ndjson"), "utf8")).toBe(text);
    }
  });

  it("refuses the file of another shard", async () => {
    expect((await resumed('{"row":9}\n', { index: 1, of: 4 }))[0]).toBe(9);
    await expect(resumed('{"row":9}\n{"ro', { index: 2, of: 4 })).rejects.toThrow(
      /holds row 9, which is none of shard 2\/4$/,
    );
    expect(await readFile(join(folder, "out.ndjson"), "utf8")).toBe('{"row":9}\n{"ro');
  });
});
