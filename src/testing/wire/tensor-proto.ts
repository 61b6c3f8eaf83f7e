import { TensorProto } from "#generated/tensorflow/core/framework/tensor.ts";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { type DataOf, type DType, FIXED_WIDTH, type FixedWidthDType } from "../../tensor/dtype.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { fromEnumName, toEnumName } from "../server-dtype.ts";
import { toValueFields } from "./tensor-values.ts";

/** How the server writes tensors: in typed lists, or as raw bytes (`--enable_serialization_as_tensor_content`). */
export type TensorEncoding = "values" | "content";

const MAX_AXES = 254;
const MAX_BYTES = 2 ** 31;

const DTYPE_OF_NUMBER: ReadonlyMap<number, DType> = new Map(
  Object.entries(DataType).flatMap(([name, number]) => {
    const dtype = fromEnumName(name);
    return dtype === undefined ? [] : [[number as number, dtype] as const];
  }),
);

/** The number of a dtype by its library or protobuf name; 0 for one that is in neither. */
export function toDataType(dtype: string): DataType {
  return (DataType as Readonly<Record<string, DataType>>)[toEnumName(dtype)] ?? 0;
}

/**
 * Reads a tensor the server's way: raw bytes win and have to fit exactly, a list that is short is filled with its last
 * value, and a shape left out is that of a scalar.
 *
 * @returns `undefined` for what the server calls a tensor parsing error
 * @see tensorflow/core/framework/tensor.cc FromProto
 */
export function readTensorProto(proto: TensorProto): Tensor | undefined {
  const dtype = DTYPE_OF_NUMBER.get(proto.dtype);
  const shape = readShape(proto);
  if (dtype === undefined || shape === undefined) return undefined;
  const size = shape.reduce((product, length) => product * length, 1);
  const width = dtype === "string" ? 1 : FIXED_WIDTH[dtype].bytesPerElement;
  // A shape without end behind a few bytes must not fill the memory of whoever runs the tests.
  if (size * width > MAX_BYTES) return undefined;
  if (size > 0 && proto.tensorContent.length > 0) return readContent(dtype, shape, size, proto.tensorContent);
  const data = dtype === "string" ? readStrings(proto.stringVal, size) : readValues(dtype, proto, size);
  return new Tensor(dtype, shape, data as DataOf<DType>);
}

function readShape(proto: TensorProto): number[] | undefined {
  const dims = proto.tensorShape?.unknownRank ? [] : (proto.tensorShape?.dim ?? []);
  if (dims.length > MAX_AXES) return undefined;
  const shape = dims.map(({ size }) => Number(size));
  const isWhole = shape.every((length) => Number.isSafeInteger(length) && length >= 0);
  const elements = shape.reduce((product, length) => product * length, 1);
  return isWhole && Number.isSafeInteger(elements) ? shape : undefined;
}

function readContent(dtype: DType, shape: number[], size: number, content: Uint8Array): Tensor | undefined {
  if (dtype === "string") {
    const strings = readStringContent(content, size);
    return strings && new Tensor(dtype, shape, strings);
  }
  const { array, bytesPerElement } = FIXED_WIDTH[dtype];
  if (content.byteLength !== size * bytesPerElement) return undefined;
  if (dtype === "bool" && content.some((byte) => byte > 1)) return undefined;
  // A copy, because the message's bytes need not lie where a typed array may begin; not slice(), which a Buffer has as a view.
  const copy = new Uint8Array(content);
  return new Tensor(dtype, shape, new array(copy.buffer, 0) as DataOf<FixedWidthDType>);
}

/** All lengths as varints first, then all bytes. */
function readStringContent(content: Uint8Array, size: number): Uint8Array[] | undefined {
  const lengths: number[] = [];
  let offset = 0;
  while (lengths.length < size) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = content[offset++];
      if (byte === undefined || shift > 28) return undefined;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    lengths.push(length);
  }
  const strings = lengths.map((length) => {
    const begin = offset;
    offset += length;
    return content.subarray(begin, offset);
  });
  return offset === content.length ? strings : undefined;
}

function readStrings(values: readonly Uint8Array[], size: number): Uint8Array[] {
  const last = values.at(-1) ?? new Uint8Array(0);
  return Array.from({ length: size }, (_, index) => values[index] ?? last);
}

function readValues(dtype: FixedWidthDType, proto: TensorProto, size: number): unknown {
  const { array, valuesPerElement } = FIXED_WIDTH[dtype];
  const values = valueList(dtype, proto) as readonly number[];
  const data = new array(size * valuesPerElement) as Float32Array;
  const given = Math.min(values.length, data.length);
  for (let i = 0; i < given; i++) data[i] = values[i] as number;
  if (given >= valuesPerElement) {
    for (let i = given; i < data.length; i++) data[i] = data[i - valuesPerElement] as number;
  }
  return data;
}

function valueList(dtype: FixedWidthDType, proto: TensorProto): readonly (number | bigint | boolean)[] {
  switch (dtype) {
    case "float16":
    case "bfloat16":
      return proto.halfVal;
    case "float32":
      return proto.floatVal;
    case "float64":
      return proto.doubleVal;
    case "int64":
      return proto.int64Val;
    case "uint64":
      return proto.uint64Val;
    case "uint32":
      return proto.uint32Val;
    case "bool":
      return proto.boolVal;
    case "complex64":
      return proto.scomplexVal;
    case "complex128":
      return proto.dcomplexVal;
    default:
      return proto.intVal;
  }
}

/** Writes a tensor in the form chosen. Neither form carries values where there are no elements. */
export function writeTensorProto(tensor: Tensor, encoding: TensorEncoding): TensorProto {
  const proto = TensorProto.create();
  proto.dtype = toDataType(tensor.dtype);
  proto.tensorShape = { dim: tensor.shape.map((length) => ({ size: BigInt(length), name: "" })), unknownRank: false };
  if (encoding === "values") return Object.assign(proto, toValueFields(tensor));
  const { data } = tensor;
  proto.tensorContent =
    tensor.dtype === "string"
      ? writeStringContent(data as readonly Uint8Array[])
      : new Uint8Array((data as Uint8Array).buffer, (data as Uint8Array).byteOffset, (data as Uint8Array).byteLength);
  return proto;
}

function writeStringContent(strings: readonly Uint8Array[]): Uint8Array {
  const lengths: number[] = [];
  for (const { length } of strings) {
    let rest = length;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) lengths.push((rest % 0x80) | 0x80);
    lengths.push(rest);
  }
  return Buffer.concat([Uint8Array.from(lengths), ...strings]);
}
