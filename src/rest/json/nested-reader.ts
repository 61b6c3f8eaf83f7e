import { type DType, FIXED_WIDTH, type FixedWidthDType } from "../../tensor/dtype.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { type Elements, siblingFollows } from "./elements.ts";
import { type JsonReader, MAX_DEPTH } from "./json-reader.ts";
import { BoolElements } from "./read-bools.ts";
import { FloatElements } from "./read-floats.ts";
import { Int64Elements } from "./read-int64.ts";
import { IntegerElements } from "./read-integers.ts";
import { StringElements } from "./read-strings.ts";

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;

/**
 * Reads nested lists into one tensor without making the lists: elements go straight into a typed array, the shape is
 * counted on the way. Several values can be read one after the other (the rows of a reply); they need one shape.
 *
 * Without a declared dtype the tokens decide: a number with a fraction or an exponent (and NaN, Infinity) makes
 * float32, whole numbers int64, `true` and `false` bool, text and `{"b64": …}` string; no elements at all float32.
 */
export class NestedReader {
  readonly #declared: DType | undefined;
  #elements: Elements | undefined;
  #shape: readonly number[] | undefined;

  constructor(declared: DType | undefined) {
    this.#declared = declared;
  }

  /**
   * Reads one value: an element, or lists of them.
   *
   * @throws ServingError (INTERNAL, kind decode) for lists of unequal length or depth, naming the index, for a token
   * of another kind, and for a shape other than that of the values before
   */
  read(reader: JsonReader): void {
    const at = reader.position;
    const shape = this.#readLists(reader);
    if (this.#shape !== undefined && !sameShape(this.#shape, shape)) {
      throw reader.fail(`a value of shape ${formatShape(shape)} behind values of ${formatShape(this.#shape)}`, at);
    }
    this.#shape = shape;
  }

  /** The shape of what was read, `[]` for a bare element. */
  get shape(): readonly number[] {
    return this.#shape ?? [];
  }

  /** All that was read, as one tensor of that many elements. */
  finish(shape: readonly number[]): Tensor {
    if (this.#elements !== undefined) return this.#elements.finish(shape);
    const dtype = this.#declared ?? "float32";
    if (dtype === "string") return new Tensor(dtype, shape, []);
    return new Tensor(dtype, shape, new FIXED_WIDTH[dtype as FixedWidthDType].array(0) as never);
  }

  #readLists(reader: JsonReader): number[] {
    const lengths: number[] = [];
    // How many elements each open list has so far, outermost first: the index of the next one.
    const index: number[] = [];
    let rank = -1;
    for (;;) {
      const byte = reader.peek();
      if (byte === OPEN_LIST) {
        if (index.length === rank) throw ragged(reader, "a list", index, "an element");
        if (index.length === MAX_DEPTH) throw reader.fail(`lists nested deeper than ${MAX_DEPTH}`);
        index.push(0);
        reader.position++;
        if (reader.peek() !== CLOSE_LIST) continue;
        if (rank === -1) rank = index.length;
      } else {
        if (rank === -1) rank = index.length;
        if (index.length < rank && byte !== CLOSE_LIST) throw ragged(reader, "an element", index, "a list");
        const elements = this.#elementsAt(reader, byte);
        const rowLength = rank > 1 && index[rank - 1] === 0 ? lengths[rank - 1] : undefined;
        const count = elements.readRun(reader, rank === 0 ? 1 : Number.POSITIVE_INFINITY, rowLength);
        if (rowLength !== undefined && elements.rows) {
          index[rank - 2]! += elements.rows;
          index[rank - 1] = count;
        } else if (rank > 0) index[rank - 1]! += count;
        if (elements instanceof Int64Elements && elements.stopped) {
          this.#continueAsFloats(elements, reader);
          continue;
        }
        if (rank === 0) return [];
        const next = reader.peek();
        if (next === OPEN_LIST) throw ragged(reader, "a list", index, "an element");
        if (next !== CLOSE_LIST) throw reader.unexpected('"," or "]"');
        if (rank > 1 && index[rank - 1] === lengths[rank - 1] && siblingFollows(reader.bytes, reader.position)) {
          // Most of what lies between rows of a long tensor.
          reader.position += 3;
          index[rank - 1] = 0;
          index[rank - 2]!++;
          continue;
        }
      }
      if (closeLists(reader, index, lengths)) return lengths;
    }
  }

  /** The reader of elements, chosen by the declared dtype, else by the first byte of the first one. */
  #elementsAt(reader: JsonReader, byte: number): Elements {
    if (this.#elements !== undefined) return this.#elements;
    this.#elements = open(this.#declared ?? guess(reader, byte), this.#declared === undefined, reader);
    return this.#elements;
  }

  #continueAsFloats(whole: Int64Elements, reader: JsonReader): void {
    const floats = new FloatElements("float32", reader);
    floats.append(whole.surrender(), reader.position);
    this.#elements = floats;
  }
}

/** At the end of a list: ends it and those around it that end here too. True when the outermost one did. */
function closeLists(reader: JsonReader, index: number[], lengths: number[]): boolean {
  for (;;) {
    const length = index.pop()!;
    const expected = lengths[index.length];
    if (expected !== undefined && expected !== length) {
      throw reader.fail(`ragged: the list at ${formatShape(index)} has length ${length}, those before it ${expected}`);
    }
    lengths[index.length] = length;
    reader.position++;
    if (index.length === 0) return true;
    index[index.length - 1]!++;
    const next = reader.peek();
    if (next === CLOSE_LIST) continue;
    if (next !== COMMA) throw reader.unexpected('"," or "]"');
    reader.position++;
    return false;
  }
}

function ragged(reader: JsonReader, found: string, index: readonly number[], expected: string): Error {
  return reader.fail(`ragged: ${found} at index ${formatShape(index)}, expected ${expected}`);
}

function guess(reader: JsonReader, byte: number): DType {
  if (byte === QUOTE || byte === OPEN_OBJECT) return "string";
  if (byte === 116 || byte === 102) return "bool";
  if (byte === 73 || byte === 78) return "float32";
  if (byte === MINUS || (byte >= 48 && byte <= 57)) return looksWhole(reader) ? "int64" : "float32";
  throw reader.unexpected("a value");
}

/** Whether the number that comes next has neither a fraction nor an exponent: most floats show what they are at once. */
function looksWhole({ bytes, position }: JsonReader): boolean {
  let at = position + 1;
  while (bytes[at]! >= 48 && bytes[at]! <= 57) at++;
  return bytes[at] !== 46 && bytes[at] !== 101 && bytes[at] !== 69;
}

function open(dtype: DType, loose: boolean, reader: JsonReader): Elements {
  switch (dtype) {
    case "float32":
    case "float64":
      return new FloatElements(dtype, reader);
    case "int64":
    case "uint64":
      return new Int64Elements(dtype, reader, loose);
    case "bool":
      return new BoolElements(reader);
    case "string":
      return new StringElements(reader);
    case "float16":
    case "bfloat16":
    case "complex64":
    case "complex128":
      throw reader.fail(`an element where the signature says ${dtype}, which JSON cannot hold`);
    default:
      return new IntegerElements(dtype, reader);
  }
}
