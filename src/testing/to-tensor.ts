import { type DataOf, type DType, FIXED_WIDTH, type FixedWidthDType } from "../tensor/dtype.ts";
import { toBfloat16Bits, toFloat16Bits } from "../tensor/half.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { OutputNested, OutputValue } from "./model-definition.ts";

const encoder = new TextEncoder();

/**
 * What a model function wrote, as a tensor of the dtype its signature promises.
 *
 * A tensor has to have that dtype already. A typed array becomes one axis, nested values their own shape; a complex
 * element is `[re, im]` or a number, halves are numbers.
 *
 * @throws TypeError when the dtype differs, nesting is ragged or an element does not fit the dtype
 */
export function toTensor(value: OutputValue, dtype: DType): Tensor {
  if (value instanceof Tensor) {
    if (value.dtype !== dtype) throw new TypeError(`expected a ${dtype} tensor, got ${value.dtype}`);
    return value;
  }
  if (ArrayBuffer.isView(value) && dtype !== "string") {
    const array = value as Exclude<typeof value, Uint8Array> | Uint8Array;
    const { array: ArrayType, valuesPerElement } = FIXED_WIDTH[dtype];
    if (array.constructor.name === ArrayType.name) {
      return new Tensor(dtype, [array.length / valuesPerElement], array as DataOf<typeof dtype>);
    }
    return toTensor(Array.from(array as ArrayLike<number | bigint>), dtype);
  }
  const nested = value as OutputNested;
  const isElement = elementTest(dtype);
  const shape = shapeOf(nested, isElement);
  const elements: unknown[] = [];
  collect(nested, shape, 0, elements);
  return new Tensor(dtype, shape, toData(elements, dtype) as DataOf<DType>);
}

function elementTest(dtype: DType): (value: unknown) => boolean {
  if (dtype !== "complex64" && dtype !== "complex128") return (value) => !Array.isArray(value);
  return (value) => !Array.isArray(value) || (value.length === 2 && value.every((part) => typeof part === "number"));
}

function shapeOf(value: OutputNested, isElement: (value: unknown) => boolean): number[] {
  const shape: number[] = [];
  for (let level: unknown = value; !isElement(level); level = (level as unknown[])[0]) {
    shape.push((level as unknown[]).length);
    if ((level as unknown[]).length === 0) break;
  }
  return shape;
}

function collect(value: unknown, shape: readonly number[], axis: number, into: unknown[]): void {
  if (axis === shape.length) {
    into.push(value);
    return;
  }
  if (!Array.isArray(value) || value.length !== shape[axis]) {
    throw new TypeError(`nested values are ragged at axis ${axis}: expected a list of ${shape[axis]}`);
  }
  for (const item of value) collect(item, shape, axis + 1, into);
}

function toData(elements: readonly unknown[], dtype: DType): unknown {
  switch (dtype) {
    case "string":
      return elements.map(toBytes);
    case "float16":
      return Uint16Array.from(elements, (element) => toFloat16Bits(toNumber(element, dtype)));
    case "bfloat16":
      return Uint16Array.from(elements, (element) => toBfloat16Bits(toNumber(element, dtype)));
    case "bool":
      return Uint8Array.from(elements, (element) => {
        if (typeof element !== "boolean") throw misfit(element, dtype);
        return element ? 1 : 0;
      });
    case "int64":
      return BigInt64Array.from(elements, (element) => toBigint(element, dtype));
    case "uint64":
      return BigUint64Array.from(elements, (element) => toBigint(element, dtype));
    case "complex64":
      return Float32Array.from(elements.flatMap((element) => toPair(element, dtype)));
    case "complex128":
      return Float64Array.from(elements.flatMap((element) => toPair(element, dtype)));
    default: {
      const { array } = FIXED_WIDTH[dtype satisfies FixedWidthDType];
      const data = new array(elements.length) as Float32Array;
      for (let i = 0; i < elements.length; i++) data[i] = toNumber(elements[i], dtype);
      return data;
    }
  }
}

function toBytes(element: unknown): Uint8Array {
  if (typeof element === "string") return encoder.encode(element);
  if (element instanceof Uint8Array) return element;
  throw misfit(element, "string");
}

function toNumber(element: unknown, dtype: DType): number {
  if (typeof element === "number") return element;
  if (typeof element === "bigint") return Number(element);
  throw misfit(element, dtype);
}

function toBigint(element: unknown, dtype: DType): bigint {
  if (typeof element === "bigint") return element;
  if (typeof element === "number" && Number.isInteger(element)) return BigInt(element);
  throw misfit(element, dtype);
}

function toPair(element: unknown, dtype: DType): readonly number[] {
  return Array.isArray(element) ? (element as number[]) : [toNumber(element, dtype), 0];
}

function misfit(element: unknown, dtype: DType): TypeError {
  const found = element instanceof Uint8Array ? "bytes" : element === null ? "null" : typeof element;
  return new TypeError(`expected an element of dtype ${dtype}, got ${found}`);
}
