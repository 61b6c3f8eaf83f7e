import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType } from "../internal/describe-value.ts";
import { arrayDType, isTypedArray, viewAs } from "./array-dtype.ts";
import type { DataOf, DType, NumericArray } from "./dtype.ts";
import { fromNested } from "./from-nested.ts";
import { float32ToBfloat16, float32ToFloat16, toBfloat16Bits, toFloat16Bits } from "./half.ts";
import { formatShape, type Shape, sameShape } from "./shape.ts";
import { isBytes } from "./string-source.ts";
import { Tensor } from "./tensor.ts";
import type { NestedValue, TensorArray } from "./tensor-input.ts";
import { widen } from "./widen.ts";

/**
 * A tensor of the dtype that the caller names, of a typed array or of plain values. A typed array of that dtype is
 * shared. Into fresh memory go integers of a narrower dtype, floats of a narrower one, and (rounded to nearest) a
 * Float64Array for float32 and the halves, a Float32Array for the halves; any other is refused. Without `shape` a typed array has one axis and plain values have the shape they are nested in.
 */
export function fromArray<D extends DType>(dtype: D, values: unknown, shape: Shape | undefined): Tensor<D> {
  const subject = `${dtype} tensor`;
  if (isTypedArray(values) && !(dtype === "string" && isBytes(values))) {
    const data = toStorage(dtype, values);
    return new Tensor(
      dtype,
      shape ?? [Math.floor(data.length / (dtype.startsWith("complex") ? 2 : 1))],
      data as DataOf<D>,
    );
  }
  const nested = fromNested(values as NestedValue, dtype, subject);
  if (shape === undefined || (Array.isArray(shape) && sameShape(nested.shape, shape))) return nested;
  if (nested.shape.length > 1) {
    throw invalidArgument(
      `${subject}: values are nested in shape ${formatShape(nested.shape)}, not ${formatShape(shape)}; give a flat array to set the shape`,
    );
  }
  return new Tensor(dtype, shape, nested.data);
}

function toStorage(dtype: DType, array: TensorArray): NumericArray {
  const shared = viewAs(array, dtype);
  if (shared !== undefined) {
    if (dtype === "bool") requireBits(shared as Uint8Array);
    return shared;
  }
  const converted = widen(array as NumericArray, arrayDType(array) as DType, dtype) ?? roundTo(dtype, array);
  if (converted === undefined) throw invalidArgument(`${dtype} tensor: cannot hold ${describeType(array)}`);
  return converted;
}

function roundTo(dtype: DType, array: TensorArray): NumericArray | undefined {
  const from = arrayDType(array);
  if (from === "float64") {
    if (dtype === "float32") return new Float32Array(array as Float64Array);
    if (dtype === "float16") return Uint16Array.from(array as Float64Array, toFloat16Bits);
    if (dtype === "bfloat16") return Uint16Array.from(array as Float64Array, toBfloat16Bits);
  }
  if (from === "float32") {
    if (dtype === "float16") return float32ToFloat16(array as Float32Array);
    if (dtype === "bfloat16") return float32ToBfloat16(array as Float32Array);
  }
  return undefined;
}

/**
 * Refuses bytes other than 0 and 1.
 *
 * @throws ServingError (INVALID_ARGUMENT) with the first index
 */
export function requireBits(bytes: Uint8Array, subject = "bool tensor"): void {
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] as number) > 1)
      throw invalidArgument(`${subject} at [${i}]: expected the byte 0 or 1, found another`);
  }
}
