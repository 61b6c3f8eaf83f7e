import { WireFault, within } from "./wire-fault.ts";
import { FIXED32, FIXED64, LENGTH_DELIMITED, VARINT, type WireReader } from "./wire-reader.ts";

/** Values of one list that follow each other in the message: packed, or a row of fields with the same tag. */
export interface Run {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  /** How many elements, where every element is a field of its own. */
  readonly count: number;
}

/** @see tensorflow/core/framework/tensor_shape.cc MaxDimensions */
const MAX_DIMENSIONS = 254;

/** dtype, tensor_shape, version_number, tensor_content and the value lists up to uint64_val; float8_val stays unread. */
const KNOWN_FIELDS = 0b11_1111_1111_1111_1110;
const STRING_VAL = 66;

/** Nobody sends a list in more pieces than this; each piece costs memory that its bytes do not pay for. */
const MAX_RUNS = 2 ** 16;

/**
 * A TensorProto as it was found: where its values are, not yet what they are. Fields may come in any order and a list
 * in pieces, so the values are read only when dtype and shape are certain.
 *
 * @see tensorflow/core/framework/tensor.proto
 */
export class TensorFields {
  dtype = 0;
  readonly shape: number[] = [];
  contentStart = 0;
  contentEnd = 0;
  readonly runs: Run[] = [];

  /** Reads to the end of the open message. A second call merges, as protobuf asks for a message sent in pieces. */
  read(reader: WireReader): void {
    while (reader.pos < reader.end) {
      const start = reader.pos;
      const tag = reader.tag();
      switch (tag) {
        case 8:
          this.dtype = reader.varint();
          break;
        case 18:
          this.#readShape(reader);
          break;
        case 24:
          reader.varint();
          break;
        case 34: {
          const length = reader.length();
          this.contentStart = reader.pos;
          this.contentEnd = reader.pos += length;
          break;
        }
        case STRING_VAL:
          this.#readStrings(reader, start);
          break;
        case 42: // float_val
        case 50: // double_val
        case 58: // int_val
        case 74: // scomplex_val
        case 82: // int64_val
        case 90: // bool_val
        case 98: // dcomplex_val
        case 106: // half_val
        case 130: // uint32_val
        case 138: {
          // uint64_val, packed as all of these
          const length = reader.length();
          const from = reader.pos;
          reader.pos += length;
          if (length > 0) this.#addRun({ tag, start: from, end: reader.pos, count: 0 });
          break;
        }
        case 45:
        case 49:
        case 56:
        case 77:
        case 80:
        case 88:
        case 97:
        case 104:
        case 128:
        case 136:
          this.#readUnpacked(reader, tag, start);
          break;
        case 114: // resource_handle_val
        case 122: // variant_val
          reader.skip(tag);
          break;
        default:
          reader.skip(tag, KNOWN_FIELDS);
      }
    }
  }

  #readShape(reader: WireReader): void {
    const outer = reader.enter();
    try {
      while (reader.pos < reader.end) {
        const tag = reader.tag();
        if (tag === 18) this.#readDimension(reader);
        else if (tag === 24) {
          // A server that has the values knows their shape.
          if (reader.varint() !== 0) throw new WireFault("says that the rank is not known");
        } else reader.skip(tag, 0b1100);
      }
    } catch (error) {
      throw within("tensor_shape", error);
    }
    reader.leave(outer);
  }

  #readDimension(reader: WireReader): void {
    const axis = this.shape.length;
    if (axis === MAX_DIMENSIONS) throw new WireFault(`has more than ${MAX_DIMENSIONS} dimensions`);
    const outer = reader.enter();
    let size: number | bigint = 0;
    try {
      while (reader.pos < reader.end) {
        const tag = reader.tag();
        if (tag === 8) size = reader.int64();
        else if (tag === 18) reader.skip(tag);
        else reader.skip(tag, 0b110);
      }
      if (size < 0) throw new WireFault(`${size} is negative`);
      if (typeof size === "bigint") throw new WireFault(`${size} is beyond 2^53-1`);
    } catch (error) {
      throw within(`dim[${axis}]`, error);
    }
    this.shape.push(size);
    reader.leave(outer);
  }

  #readStrings(reader: WireReader, start: number): void {
    const { bytes, end } = reader;
    let count = 0;
    do {
      if (count > 0) reader.pos++;
      const first = bytes[reader.pos] as number;
      if (first < 0x80 && reader.pos + 1 + first <= end) reader.pos += 1 + first;
      else {
        // Not in one expression: `pos +=` would read the position before the length was read.
        const length = reader.length();
        reader.pos += length;
      }
      count++;
    } while (reader.pos < end && bytes[reader.pos] === STRING_VAL);
    this.#addRun({ tag: STRING_VAL, start, end: reader.pos, count });
  }

  #readUnpacked(reader: WireReader, tag: number, start: number): void {
    let count = 1;
    reader.skip(tag);
    let end = reader.pos;
    while (reader.pos < reader.end && reader.tag() === tag) {
      reader.skip(tag);
      end = reader.pos;
      count++;
    }
    reader.pos = end;
    this.#addRun({ tag, start, end, count });
  }

  #addRun(run: Run): void {
    if (this.runs.length === MAX_RUNS) throw new WireFault(`comes in more than ${MAX_RUNS} pieces`);
    this.runs.push(run);
  }
}

/** The tag of a list's packed form, and of one element that stands alone. */
export function packedTag(field: number): number {
  return (field << 3) | LENGTH_DELIMITED;
}

/** Whether the elements of a run are fields of their own. */
export function isUnpacked(run: Run): boolean {
  const wireType = run.tag & 7;
  return wireType === VARINT || wireType === FIXED32 || wireType === FIXED64;
}
