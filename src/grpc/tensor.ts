import { type DataOf, type DType, FIXED_WIDTH, type FixedWidthDType, type NumericArray } from "../tensor/dtype.ts";
import { formatShape, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { LITTLE_ENDIAN, swapBytes } from "./wire/byte-order.ts";
import { type DecodeBudget, MAX_ELEMENTS } from "./wire/decode-limits.ts";
import { fromDataType, serverDTypeName, toDataType } from "./wire/dtype.ts";
import { packedTag, type Run, type TensorFields } from "./wire/tensor-fields.ts";
import { toStringList } from "./wire/tensor-strings.ts";
import { areBits, elementsAt, readRuns, unsetArray, VALUE_LISTS } from "./wire/tensor-values.ts";
import { surplus } from "./wire/varint-list.ts";
import { WireFault, within } from "./wire/wire-fault.ts";
import { sizeOfField, sizeOfVarint, writeHead, writeVarint } from "./wire/wire-writer.ts";

/** Arrays up to this length are handled value by value: asking them for their buffer would cost more. */
const SMALL = 16;

/**
 * The tensor behind a TensorProto, in fresh memory of its own, as the server reads one: `tensor_content` or the
 * dtype's value list, the last value repeated up to the shape, zeros where there is none.
 *
 * Stricter than the server where a reply contradicts itself: content *and* values, more values than the shape has
 * room for, integers that do not fit their dtype, a rank that is not known.
 *
 * @throws WireFault when it cannot be believed; nothing is allocated before the shape was held against the bytes
 * @see tensorflow/core/framework/tensor.cc Tensor::FromProto
 */
export function toTensor(fields: TensorFields, bytes: Buffer, budget: DecodeBudget): Tensor {
  const dtype = fromDataType(fields.dtype);
  if (dtype === undefined) {
    throw new WireFault(`has dtype ${serverDTypeName(fields.dtype)}, which this library cannot hold`);
  }
  let size = 1;
  for (const length of fields.shape) size *= length;
  // Written so that NaN, from infinity times zero, is refused too.
  if (!(size <= MAX_ELEMENTS)) {
    throw new WireFault(`has shape ${formatShape(fields.shape)}, more than ${MAX_ELEMENTS} elements`);
  }
  if (dtype === "string")
    return new Tensor("string", fields.shape, toStringList(fields, runsOf(fields, 8), bytes, size, budget));
  return new Tensor(dtype, fields.shape, toNumbers(dtype, fields, bytes, size, budget) as DataOf<typeof dtype>);
}

function toNumbers(
  dtype: FixedWidthDType,
  fields: TensorFields,
  bytes: Buffer,
  size: number,
  budget: DecodeBudget,
): NumericArray {
  const { array, bytesPerElement, valuesPerElement } = FIXED_WIDTH[dtype];
  const list = VALUE_LISTS[dtype];
  const runs = runsOf(fields, list.field);
  const contentLength = fields.contentEnd - fields.contentStart;
  if (contentLength > 0) {
    if (runs.length > 0) throw new WireFault(`has both tensor_content and ${list.name}`);
    if (contentLength !== size * bytesPerElement) {
      throw new WireFault(
        `tensor_content has ${contentLength} bytes, ${dtype} ${formatShape(fields.shape)} takes ${size * bytesPerElement}`,
      );
    }
    const { contentStart, contentEnd } = fields;
    if (dtype === "bool" && !areBits(bytes, contentStart, contentEnd)) {
      throw new WireFault("a bool is neither 0 nor 1");
    }
    budget.take(contentLength);
    return toArray(dtype, bytes, contentStart, contentEnd);
  }
  try {
    const length = size * valuesPerElement;
    const first = runs[0];
    if (list.width !== 0) {
      const given = countFixed(runs, list.width);
      if (given % valuesPerElement !== 0) throw new WireFault("ends inside a complex number");
      if (given > length) throw surplus(size);
      if (given < length) budget.takeFill((length - given) * list.width);
      budget.take(length * list.width);
      if (given === length && runs.length === 1 && first?.tag === packedTag(list.field)) {
        return toArray(dtype, bytes, first.start, first.end);
      }
    } else {
      // Each value takes a byte at least; what the bytes cannot hold must come from repeating.
      const most = countBytes(runs);
      if (most < length) budget.takeFill((length - most) * bytesPerElement);
      budget.take(length * bytesPerElement);
      if (dtype === "bool" && most === length && runs.length === 1 && first?.tag === packedTag(list.field)) {
        if (areBits(bytes, first.start, first.end)) return toArray(dtype, bytes, first.start, first.end);
      }
    }
    const out = unsetArray(array, length);
    const given = runs.length === 0 ? 0 : readRuns(dtype, bytes, runs, out);
    repeatLast(out, given, valuesPerElement);
    return out;
  } catch (error) {
    throw within(list.name, error);
  }
}

function toArray(dtype: FixedWidthDType, bytes: Buffer, start: number, end: number): NumericArray {
  const { array } = FIXED_WIDTH[dtype];
  const length = (end - start) / array.BYTES_PER_ELEMENT;
  if (length <= SMALL && dtype === "float32" && LITTLE_ENDIAN) {
    // So small an array lives on V8's own heap, as long as nobody asks for its buffer.
    const out = new Float32Array(length);
    for (let index = 0, at = start; index < length; index++, at += 4) {
      scratchWord[0] =
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
      out[index] = scratchFloat[0] as number;
    }
    return out;
  }
  return elementsAt(array, bytes, start, end);
}

const scratchFloat = new Float32Array(1);
const scratchWord = new Int32Array(scratchFloat.buffer);
const scratchBytes = new Uint8Array(scratchFloat.buffer);

function runsOf(fields: TensorFields, field: number): readonly Run[] {
  const { runs } = fields;
  if (runs.length === 1 && (runs[0] as Run).tag >>> 3 === field) return runs;
  return runs.filter((run) => run.tag >>> 3 === field);
}

function countFixed(runs: readonly Run[], width: number): number {
  let count = 0;
  for (const run of runs) {
    if (run.count > 0) count += run.count;
    else {
      const length = run.end - run.start;
      if (length % width !== 0) throw new WireFault(`has ${length} bytes, not a multiple of ${width}`);
      count += length / width;
    }
  }
  return count;
}

function countBytes(runs: readonly Run[]): number {
  let count = 0;
  for (const run of runs) count += run.count > 0 ? run.count : run.end - run.start;
  return count;
}

/** Writes everything behind the values that were given. */
function repeatLast(out: NumericArray, given: number, valuesPerElement: number): void {
  if (given === out.length) return;
  if (given === 0) {
    new Uint8Array(out.buffer, out.byteOffset, out.byteLength).fill(0);
    return;
  }
  if (given % valuesPerElement !== 0) throw new WireFault("ends inside a complex number");
  for (let part = 0; part < valuesPerElement; part++) {
    const last = out[given - valuesPerElement + part] as never;
    if (valuesPerElement === 1) out.fill(last, given);
    else for (let index = given + part; index < out.length; index += valuesPerElement) out[index] = last;
  }
}

/** The sizes of a tensor's parts on the wire, found before anything is written. */
export interface TensorSizes {
  readonly shape: number;
  /** Bytes of the numbers, or of the strings with a tag and a length each. */
  readonly elements: number;
  readonly total: number;
}

/** The sizes of what {@link writeTensorHead} and {@link writeElements} will write. */
export function sizeOfTensor(tensor: Tensor): TensorSizes {
  const { dtype, shape } = tensor;
  let shapeSize = 0;
  for (let axis = 0; axis < shape.length; axis++) shapeSize += 2 + sizeOfDimension(shape[axis] as number);
  const head = 2 + 1 + sizeOfVarint(shapeSize) + shapeSize;
  let elements = 0;
  if (dtype !== "string") elements = tensor.size * FIXED_WIDTH[dtype].bytesPerElement;
  else for (const element of tensor.data as readonly Uint8Array[]) elements += sizeOfField(element.length);
  const isContent = dtype !== "string" && elements > 0;
  return { shape: shapeSize, elements, total: head + (isContent ? sizeOfField(elements) : elements) };
}

function sizeOfDimension(length: number): number {
  return length === 0 ? 0 : 1 + sizeOfVarint(length);
}

/** Writes a TensorProto up to its elements: dtype, shape, and the head of `tensor_content` where there is one. */
export function writeTensorHead(target: Buffer, pos: number, dtype: DType, shape: Shape, sizes: TensorSizes): number {
  target[pos++] = 8;
  target[pos++] = toDataType(dtype);
  // Always, for a scalar too: without a shape the server would read the first value alone.
  pos = writeHead(target, pos, 18, sizes.shape);
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis] as number;
    pos = writeHead(target, pos, 18, sizeOfDimension(length));
    if (length !== 0) {
      target[pos++] = 8;
      pos = writeVarint(target, pos, length);
    }
  }
  return dtype === "string" || sizes.elements === 0 ? pos : writeHead(target, pos, 34, sizes.elements);
}

/** Writes the elements of a tensor behind its head: numbers as the bytes of `tensor_content`, strings as `string_val`. */
export function writeElements(target: Buffer, pos: number, data: DataOf<DType>): number {
  if (ArrayBuffer.isView(data)) return writeNumbers(target, pos, data);
  for (const element of data) {
    pos = writeHead(target, pos, 66, element.length);
    target.set(element, pos);
    pos += element.length;
  }
  return pos;
}

function writeNumbers(target: Buffer, pos: number, data: NumericArray): number {
  if (data.length <= SMALL && data instanceof Float32Array && LITTLE_ENDIAN) {
    // Asking a small array for its buffer moves it off V8's heap, which costs more than these bytes.
    for (let index = 0; index < data.length; index++) {
      scratchFloat[0] = data[index] as number;
      target[pos++] = scratchBytes[0] as number;
      target[pos++] = scratchBytes[1] as number;
      target[pos++] = scratchBytes[2] as number;
      target[pos++] = scratchBytes[3] as number;
    }
    return pos;
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  target.set(bytes, pos);
  if (!LITTLE_ENDIAN) swapBytes(target.subarray(pos, pos + bytes.length), data.BYTES_PER_ELEMENT);
  return pos + bytes.length;
}

/** The dtype's name as users write it, or the server's own for one that this library cannot hold. */
export function dtypeName(number: number): string {
  return fromDataType(number) ?? serverDTypeName(number);
}
