import type { ModelInputs, PredictResponse, Tensor, TensorInput } from "../../index.ts";
import { toJson } from "../json-text.ts";
import type { NumberedRow } from "./rows.ts";

/** Rows that are asked about in one go, those among them that are none included. */
export type Chunk = readonly NumberedRow[];

/** Rows in chunks of at most `size`: rows of one chunk have the same inputs. */
export function toChunks(rows: readonly NumberedRow[], size: number): Chunk[] {
  const chunks: Chunk[] = [];
  let chunk: NumberedRow[] = [];
  let names: string | undefined;
  for (const one of rows) {
    const own = "values" in one.row ? Object.keys(one.row.values).sort().join("\0") : names;
    if (chunk.length === size || (names !== undefined && own !== names)) {
      chunks.push(chunk);
      chunk = [];
    }
    names = own;
    chunk.push(one);
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/** The inputs of one prediction for the rows of a chunk: rows of a batch, or the one row as it is. */
export function toInputs(chunk: Chunk, isBatch: boolean): ModelInputs {
  const rows = chunk.flatMap(({ row }) => ("values" in row ? [row.values] : []));
  const inputs: Record<string, TensorInput> = Object.create(null);
  for (const name of Object.keys(rows[0] ?? {})) {
    inputs[name] = (isBatch ? rows.map((values) => values[name]) : rows[0]?.[name]) as TensorInput;
  }
  return inputs;
}

/** The outputs of each row that is one, in order, as JSON. */
export function toOutputs({ outputs }: PredictResponse, rows: number, isBatch: boolean): string[] {
  const all: Record<string, unknown>[] = Array.from({ length: rows }, () => Object.create(null));
  let isPlain = true;
  for (const [name, output] of Object.entries(outputs)) {
    isPlain &&= hasPlainJson(output);
    const values: unknown = output.toNested();
    for (let row = 0; row < rows; row++) all[row]![name] = isBatch ? (values as readonly unknown[])[row] : values;
  }
  return all.map((own) => (isPlain ? JSON.stringify(own) : toJson(own)));
}

/** Whether JSON has a word for every element: then looking at each of them is not needed, which is what costs. */
function hasPlainJson({ dtype, data }: Tensor): boolean {
  if (dtype === "string" || dtype === "int64" || dtype === "uint64") return false;
  if (dtype !== "float32" && dtype !== "float64") return NARROW.has(dtype);
  for (const value of data as Float32Array) if (!Number.isFinite(value)) return false;
  return true;
}

const NARROW: ReadonlySet<string> = new Set(["bool", "int8", "int16", "int32", "uint8", "uint16", "uint32"]);
