import type { Tensor } from "../../tensor/tensor.ts";
import type { JsonReader } from "./json-reader.ts";

/** Reads the elements of one tensor, in order. Each dtype has its own, with its own loop. */
export interface Elements {
  /**
   * Reads up to `limit` elements with commas between them, from a place where a value begins. It stops at what is no
   * comma, and behind a comma at a list: that is ragged, and the caller knows the index to name. Returns how many.
   *
   * With a `rowLength` it may go on from a list of that many to the next one, where they are written closely. It says in
   * {@link Elements.rows} how many it finished so, and returns how many elements of the last one it read.
   */
  readRun(reader: JsonReader, limit: number, rowLength?: number): number;
  readonly rows?: number;
  /** The tensor of all that was read. The reader of elements is used up. */
  finish(shape: readonly number[]): Tensor;
}

const COMMA = 44;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;

/** Behind an element: whether another one follows in the same list. Its place is then the position. */
export function another(reader: JsonReader): boolean {
  if (reader.peek() !== COMMA) return false;
  reader.position++;
  return reader.peek() !== OPEN_LIST;
}

/** Whether a list ends here and the next one of the same level begins, `],[` written closely, with an element in it. */
export function siblingFollows(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== CLOSE_LIST || bytes[at + 1] !== COMMA || bytes[at + 2] !== OPEN_LIST) return false;
  // An empty list, or one more level, is for the general way.
  const inside = bytes[at + 3]!;
  return inside !== OPEN_LIST && inside !== CLOSE_LIST && inside > 32;
}
