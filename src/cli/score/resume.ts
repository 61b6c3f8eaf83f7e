import { open } from "node:fs/promises";

/** A line's end is looked for in steps of this many bytes, from the end of the file. */
const STEP = 2 ** 16;

/** Which of every `of` rows belong to a run: those whose number leaves `index` when divided by `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/**
 * Makes an output file ready to be gone on with: cuts off a last line that was not finished, and says which row the
 * line before it holds. Undefined where there is no line yet.
 *
 * @throws TypeError when the file is none that `score` wrote for this shard; the file is left as it is then
 */
export async function resumeAfter(path: string, shard: Shard): Promise<number | undefined> {
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
    const last = end === -1 ? undefined : tail.toString("utf8", tail.subarray(0, end).lastIndexOf(10) + 1, end);
    const row = last === undefined ? undefined : rowOf(last, path, shard);
    if (!isBegun(tail.toString("utf8", end + 1))) throw notOurs(path);
    await file.truncate(begin + end + 1);
    return row;
  } finally {
    await file.close();
  }
}

/** Whether a text is the beginning of a line that `score` writes. */
function isBegun(text: string): boolean {
  return LINE_START.startsWith(text.slice(0, LINE_START.length));
}

const LINE_START = '{"row":';

function notOurs(path: string): TypeError {
  return new TypeError(`--resume: the last line of ${path} is none of this command's`);
}

function rowOf(line: string, path: string, { index, of }: Shard): number {
  let row: unknown;
  try {
    row = (JSON.parse(line) as { row?: unknown }).row;
  } catch {}
  if (!Number.isSafeInteger(row)) throw notOurs(path);
  if ((row as number) % of !== index) {
    throw new TypeError(`--resume: the last line of ${path} holds row ${row}, which is none of shard ${index}/${of}`);
  }
  return row as number;
}
