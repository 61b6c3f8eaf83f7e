import type { Shape } from "../../tensor/shape.ts";
import type { JsonWriter } from "./json-writer.ts";

/** How many elements are written between two looks at the room that is left. */
const RUN = 4096;

const COMMA = 44;
const OPEN = 91;
const CLOSE = 93;

/**
 * Writes the elements `from` to `to` at `at`, commas between them. Returns the position behind them. `words` is a view of
 * the same bytes; they may be written to as far as the elements were given room for.
 */
export type PutRun = (bytes: Buffer, at: number, from: number, to: number, words: DataView) => number;

/**
 * Writes row-major elements as nested lists of a shape, the elements of a scalar as a bare value.
 *
 * @param bytesPerElement the most that one element takes, its comma included
 */
export function putNested(writer: JsonWriter, shape: Shape, first: number, bytesPerElement: number, put: PutRun): void {
  if (shape.length === 0) {
    putRow(writer, first, first + 1, bytesPerElement, put);
    return;
  }
  if (shape.length === 1) {
    writer.raw("[");
    putRow(writer, first, first + shape[0]!, bytesPerElement, put);
    writer.raw("]");
    return;
  }
  const inner = shape[shape.length - 1]!;
  const outer = shape.slice(0, -1);
  // How many innermost rows a list of each axis spans; the innermost axes come last.
  const rowsPerList = outer.slice();
  for (let axis = outer.length - 2; axis >= 0; axis--) rowsPerList[axis]! *= rowsPerList[axis + 1]!;
  const rows = rowsPerList[0]!;
  putRepeated(writer, OPEN, outer.length);
  for (let row = 0; row < rows; row++) {
    writer.reserve(2);
    writer.bytes[writer.position++] = OPEN;
    putRow(writer, first + row * inner, first + (row + 1) * inner, bytesPerElement, put);
    writer.reserve(outer.length * 2 + 2);
    writer.bytes[writer.position++] = CLOSE;
    let ended = 0;
    for (let axis = outer.length - 1; axis >= 0 && (row + 1) % rowsPerList[axis]! === 0; axis--) ended++;
    putRepeated(writer, CLOSE, ended);
    if (row + 1 < rows) {
      writer.bytes[writer.position++] = COMMA;
      putRepeated(writer, OPEN, ended);
    }
  }
}

function putRow(writer: JsonWriter, from: number, to: number, bytesPerElement: number, put: PutRun): void {
  for (let start = from; start < to; start += RUN) {
    const end = Math.min(start + RUN, to);
    writer.reserve((end - start) * bytesPerElement + 1);
    if (start > from) writer.bytes[writer.position++] = COMMA;
    writer.position = put(writer.bytes, writer.position, start, end, writer.words);
  }
}

function putRepeated(writer: JsonWriter, byte: number, times: number): void {
  if (times === 0) return;
  writer.reserve(times);
  for (let time = 0; time < times; time++) writer.bytes[writer.position++] = byte;
}
