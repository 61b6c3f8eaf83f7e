import type { Tensor } from "../../tensor/tensor.ts";
import type { JsonReader } from "./json-reader.ts";

/** Reads the elements of one tensor, in order. Each dtype has its own, with its own loop. */
export interface Elements {
  /**
   * Reads up to `limit` elements with commas between them, from a place where a value begins. It stops at what is no
   * comma, and behind a comma at a list: that is ragged, and the caller knows the index to name. Returns how many.
   */
  readRun(reader: JsonReader, limit: number): number;
  /** The tensor of all that was read. The reader of elements is used up. */
  finish(shape: readonly number[]): Tensor;
}

const COMMA = 44;
const OPEN_LIST = 91;

/** Behind an element: whether another one follows in the same list. Its place is then the position. */
export function another(reader: JsonReader): boolean {
  if (reader.peek() !== COMMA) return false;
  reader.position++;
  return reader.peek() !== OPEN_LIST;
}
