import type { TensorSpec } from "../../contract/signature.ts";
import { type DataOf, type DType, FIXED_WIDTH, isDType } from "../../tensor/dtype.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { toServerDType } from "../server-dtype.ts";
import { invalid, ServerError } from "../server-error.ts";
import { isBase64Object, readBase64 } from "./json-base64.ts";
import { JsonObject, type JsonValue } from "./json-reader.ts";
import { isArray, toJsonText, typeName } from "./json-text.ts";

/** Elements of one input as they are collected: flat, in the order of the text. */
export type Elements = (number | bigint | boolean | Uint8Array)[];

/** The lengths down the first elements; a value that is no list has none. */
export function shapeOf(value: JsonValue): number[] {
  const shape: number[] = [];
  let level: JsonValue | undefined = value;
  while (level !== undefined && isArray(level)) {
    shape.push(level.length);
    level = level[0];
  }
  return shape;
}

/**
 * Appends the elements of nested lists and checks that the nesting is the shape's.
 *
 * @throws ServerError as the server words it; its level numbers are its own
 */
export function appendElements(value: JsonValue, shape: readonly number[], dtype: string, into: Elements): void {
  // Deeper than any tensor can be: the server would read it and then find the tensor malformed.
  if (shape.length > 254) throw invalid("tensor parsing error: Too many dimensions in tensor");
  append(value, shape, 0, dtype, into);
}

function append(value: JsonValue, shape: readonly number[], level: number, dtype: string, into: Elements): void {
  const rank = shape.length;
  if (!isArray(value)) {
    if (level !== rank) {
      throw invalid(
        `JSON Value: ${toJsonText(value)} found at incorrect level: ${level + 1} in the JSON DOM. Expected at level: ${rank}`,
      );
    }
    into.push(value instanceof JsonObject ? readObject(value, dtype) : readElement(value, dtype));
    return;
  }
  if (level >= rank) throw invalid(`Encountered list at unexpected level: ${level} expected < ${rank}`);
  if (value.length !== shape[level]) {
    throw invalid(
      `Encountered list at unexpected size: ${value.length} at level: ${level} expected size: ${shape[level]}`,
    );
  }
  for (const item of value) append(item, shape, level + 1, dtype, into);
}

function readObject(value: JsonObject, dtype: string): Uint8Array {
  if (dtype !== "string") throw typeError(value, dtype);
  if (!isBase64Object(value)) {
    throw invalid(`JSON Value: ${toJsonText(value)} not formatted correctly for base64 data`);
  }
  return readBase64(value);
}

const INT32 = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  // The server checks the narrow ones against int32, and cuts them down afterwards.
  int8: INT32,
  int16: INT32,
  int32: INT32,
  uint8: INT32,
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

function readElement(value: JsonValue, dtype: string): Elements[number] {
  if (dtype === "float32" || dtype === "float64") {
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    throw typeError(value, dtype);
  }
  if (dtype === "string") {
    if (value instanceof Uint8Array) return value;
    throw typeError(value, dtype);
  }
  if (dtype === "bool") {
    if (typeof value === "boolean") return value;
    throw typeError(value, dtype);
  }
  const range = RANGES[dtype];
  if (range === undefined) {
    throw new ServerError(
      "UNIMPLEMENTED",
      `Conversion of JSON Value: ${toJsonText(value)} to type: ${toServerDType(dtype)}`,
    );
  }
  if (typeof value === "bigint" && value >= range[0] && value <= range[1]) return value;
  throw typeError(value, dtype);
}

function typeError(value: JsonValue, dtype: string): ServerError {
  return invalid(
    `JSON Value: ${toJsonText(value)} Type: ${typeName(value)} is not of expected type: ${toServerDType(dtype)}`,
  );
}

/**
 * The tensor of collected elements, or `undefined` where no tensor can hold the dtype. Elements beyond the shape, which
 * a name given twice in one row leaves, are dropped, as the server drops them.
 */
export function toTensor(spec: TensorSpec, shape: readonly number[], elements: Elements): Tensor | undefined {
  const { dtype } = spec;
  if (!isDType(dtype)) return undefined;
  const size = shape.reduce((product, length) => product * length, 1);
  return new Tensor(dtype, shape, toData(dtype, elements.slice(0, size)) as DataOf<DType>);
}

function toData(dtype: DType, elements: Elements): unknown {
  if (dtype === "string") return elements;
  const data = new FIXED_WIDTH[dtype].array(elements.length * FIXED_WIDTH[dtype].valuesPerElement);
  const isWide = dtype === "int64" || dtype === "uint64";
  for (let i = 0; i < elements.length; i++) data[i] = isWide ? (elements[i] as never) : Number(elements[i]);
  return data;
}
