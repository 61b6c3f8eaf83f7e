import { open } from "node:fs/promises";

/** A line's end is looked for in steps of this many bytes, from the end of the file. */
const STEP = 2 ** 16;

/**
 * Makes an output file ready to be gone on with: cuts off a last line that was not finished, and says which row the
 * line before it holds. Undefined where there is no line yet.
 *
 * @throws TypeError when the file is none that `score` wrote
 */
export async function resumeAfter(path: string): Promise<number | undefined> {
  const file = await open(path, "r+").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    let begin = size;
    let tail = Buffer.alloc(0);
    // Two line ends: the last line that is whole lies between them.
    while (begin > 0 && tail.subarray(0, tail.lastIndexOf(10)).lastIndexOf(10) === -1) {
      const step = Math.min(STEP, begin);
      begin -= step;
      const piece = Buffer.alloc(step);
      await file.read(piece, 0, step, begin);
      tail = Buffer.concat([piece, tail]);
    }
    const end = tail.lastIndexOf(10);
    await file.truncate(begin + end + 1);
    return end === -1 ? undefined : rowOf(tail.toString("utf8", tail.subarray(0, end).lastIndexOf(10) + 1, end), path);
  } finally {
    await file.close();
  }
}

function rowOf(line: string, path: string): number {
  let row: unknown;
  try {
    row = (JSON.parse(line) as { row?: unknown }).row;
  } catch {}
  if (!Number.isSafeInteger(row)) throw new TypeError(`--resume: the last line of ${path} is none of this command's`);
  return row as number;
}
