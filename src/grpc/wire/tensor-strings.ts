import type { DecodeBudget } from "./decode-limits.ts";
import { StringList } from "./string-list.ts";
import type { Run, TensorFields } from "./tensor-fields.ts";
import { surplus } from "./varint-list.ts";
import { WireFault, within } from "./wire-fault.ts";
import { WireReader } from "./wire-reader.ts";

/** What an element of a string tensor costs besides its bytes: about the size of a Uint8Array. */
const BYTES_PER_STRING = 100;

/** Where it begins and ends. */
const BYTES_PER_BOUNDS = 8;

/**
 * The elements of a string tensor, found and checked but not yet cut out: `string_val`, or the form of
 * `tensor_content` that servers write with `--enable_serialization_as_tensor_content`.
 */
export function toStringList(
  fields: TensorFields,
  runs: readonly Run[],
  bytes: Buffer,
  size: number,
  budget: DecodeBudget,
): StringList {
  const contentLength = fields.contentEnd - fields.contentStart;
  if (contentLength > 0) {
    if (runs.length > 0) throw new WireFault("has both tensor_content and string_val");
    try {
      return new StringList(bytes, boundsOfContent(fields, bytes, size, budget), size);
    } catch (error) {
      throw within("tensor_content", error);
    }
  }
  let given = 0;
  for (const run of runs) given += run.count;
  try {
    if (given > size) throw surplus(size);
    budget.take(BYTES_PER_BOUNDS * given);
    const bounds = boundsOfRuns(runs, bytes, given);
    if (given < size) {
      const last = given === 0 ? 0 : (bounds[2 * given - 1] as number) - (bounds[2 * given - 2] as number);
      budget.takeFill((size - given) * (BYTES_PER_STRING + last));
    }
    return new StringList(bytes, bounds, size);
  } catch (error) {
    throw within("string_val", error);
  }
}

function boundsOfRuns(runs: readonly Run[], bytes: Buffer, count: number): Uint32Array {
  const bounds = new Uint32Array(2 * count);
  const reader = new WireReader(bytes);
  let index = 0;
  for (const run of runs) {
    reader.end = run.end;
    for (let pos = run.start; pos < run.end; ) {
      let length = bytes[++pos] as number;
      if (length < 0x80) pos++;
      else {
        reader.pos = pos;
        length = reader.length();
        pos = reader.pos;
      }
      bounds[index++] = pos;
      bounds[index++] = pos += length;
    }
  }
  return bounds;
}

/**
 * The second form of a string tensor: a varint length for each element, then all their bytes.
 *
 * @see tensorflow/core/platform/tensor_coding.cc DecodeStringList
 */
function boundsOfContent(fields: TensorFields, bytes: Buffer, size: number, budget: DecodeBudget): Uint32Array {
  const { contentStart, contentEnd } = fields;
  if (size > contentEnd - contentStart) {
    throw new WireFault(`has ${contentEnd - contentStart} bytes, fewer than the ${size} lengths it begins with`);
  }
  budget.take(BYTES_PER_BOUNDS * size);
  const bounds = new Uint32Array(2 * size);
  const reader = new WireReader(bytes);
  reader.pos = contentStart;
  reader.end = contentEnd;
  let total = 0;
  for (let index = 0; index < size; index++) {
    const length = reader.varint();
    total += reader.high === 0 ? length : Number.POSITIVE_INFINITY;
    bounds[2 * index + 1] = length;
  }
  if (total !== contentEnd - reader.pos) {
    throw new WireFault(`has ${contentEnd - reader.pos} bytes behind its lengths, which add up to ${total}`);
  }
  let at = reader.pos;
  for (let index = 0; index < 2 * size; index += 2) {
    bounds[index] = at;
    at += bounds[index + 1] as number;
    bounds[index + 1] = at;
  }
  return bounds;
}
