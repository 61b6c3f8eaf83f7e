import { type ModelHandle, type ModelInputs, type PredictManyOptions, ServingError } from "../../index.ts";
import { type Chunk, toChunks, toInputs, toOutputs } from "./chunk.ts";
import type { LineWriter } from "./line-writer.ts";
import type { NumberedRow } from "./rows.ts";

/** Counted up as rows are written. */
export interface ScoreCounts {
  rows: number;
  failed: number;
}

export interface ScoreJob {
  readonly model: ModelHandle;
  /** Those that are to be scored. */
  readonly rows: AsyncIterable<readonly NumberedRow[]>;
  readonly writer: LineWriter;
  /** Rows a request. */
  readonly batchSize: number;
  /** Whether axis 0 of the model's inputs and outputs is a batch. */
  readonly isBatch: boolean;
  readonly inFlight: number;
  readonly options: PredictManyOptions;
  readonly counts: ScoreCounts;
}

/**
 * Predicts rows and writes one line for each, in their order: its number in the input, from 0, and the outputs or the
 * error. Ends early when nobody reads what it writes.
 *
 * Rows go in chunks, a call each; only a chunk that is refused goes once more as one call a row, whose sharing finds
 * the rows that are to blame.
 *
 * @throws what concerns not a row but the server: what is written so far stands, and a later run goes on behind it
 */
export async function score(job: ScoreJob): Promise<void> {
  const { model, writer, isBatch, inFlight, options } = job;
  const chunks = new Map<number, Chunk>();
  const items = toItems(chunksOf(job), chunks, isBatch);
  // One chunk waits while others are under way, and one more may be held back by a slow one before it.
  for await (const { index, response, error } of model.predictMany(items, { ...options, concurrency: inFlight + 2 })) {
    const chunk = chunks.get(index)!;
    chunks.delete(index);
    const rows = goodRows(chunk);
    if (response !== undefined) await writeChunk(chunk, job, toOutputs(response, rows, isBatch).map(succeeded));
    else if (rows === 0) await writeChunk(chunk, job, []);
    else await scoreSingly(chunk, job, error);
    if (writer.isCutOff) return;
  }
  await writer.flush();
}

async function* chunksOf({ rows, batchSize }: ScoreJob): AsyncGenerator<Chunk> {
  for await (const some of rows) yield* toChunks(some, batchSize);
}

/** The inputs of each chunk; the chunk itself is kept for when its answer comes. */
async function* toItems(
  source: AsyncIterable<Chunk>,
  kept: Map<number, Chunk>,
  isBatch: boolean,
): AsyncGenerator<ModelInputs> {
  let index = 0;
  for await (const chunk of source) {
    kept.set(index++, chunk);
    yield toInputs(chunk, isBatch);
  }
}

/** Each row as a call of its own. */
async function scoreSingly(chunk: Chunk, job: ScoreJob, cause: unknown): Promise<void> {
  const { model, isBatch, options } = job;
  if (!isOfTheRow(cause)) throw cause;
  const rows = chunk.filter(({ row }) => "values" in row);
  const outcomes: string[] = [];
  if (rows.length === 1) {
    // One row alone has had its answer already.
    outcomes.push(failed(cause.code, cause.rawMessage));
  } else {
    const inputs = rows.map((row) => toInputs([row], isBatch));
    for await (const { response, error } of model.predictMany(inputs, { ...options, concurrency: rows.length })) {
      if (response !== undefined) outcomes.push(succeeded(toOutputs(response, 1, isBatch)[0]!));
      else if (isOfTheRow(error)) outcomes.push(failed(error.code, error.rawMessage));
      else throw error;
    }
  }
  await writeChunk(chunk, job, outcomes);
}

/** A line for each row: what came of it, or why it is none. */
async function writeChunk(chunk: Chunk, { writer, counts }: ScoreJob, outcomes: readonly string[]): Promise<void> {
  let text = "";
  let good = 0;
  for (const { number, row } of chunk) {
    const outcome = "problem" in row ? failed("INVALID_ARGUMENT", row.problem) : outcomes[good++]!;
    text += `{"row":${number},${outcome}}\n`;
    counts.rows++;
    if (outcome.startsWith(FAILED)) counts.failed++;
  }
  await writer.write(text);
}

const FAILED = '"error":';

function succeeded(outputs: string): string {
  return `"outputs":${outputs}`;
}

function failed(code: string, message: string): string {
  return `${FAILED}${JSON.stringify({ code, message })}`;
}

function goodRows(chunk: Chunk): number {
  let count = 0;
  for (const { row } of chunk) if ("values" in row) count++;
  return count;
}

/** Whether a failure speaks of what was sent and not of the server: the next row may do better. */
function isOfTheRow(error: unknown): error is ServingError {
  if (!(error instanceof ServingError)) return false;
  return error.kind === "invalid" || error.kind === "too_large" || error.code === "OUT_OF_RANGE";
}
