import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType } from "../internal/describe-value.ts";
import { arrayDType, isTypedArray, viewAs } from "./array-dtype.ts";
import type { DataOf, DType, FixedWidthDType } from "./dtype.ts";
import { isDType } from "./dtype.ts";
import { fromForeign, isForeignTensor } from "./foreign-tensor.ts";
import { requireBits } from "./from-array.ts";
import { fromNested } from "./from-nested.ts";
import { formatTensor } from "./rows.ts";
import type { Shape } from "./shape.ts";
import { isBytes } from "./string-source.ts";
import { Tensor } from "./tensor.ts";
import type { NestedValue, TensorArray, TensorInput } from "./tensor-input.ts";
import { widen } from "./widen.ts";

/** What a signature wants of an input, as far as making a tensor of it goes. */
export interface ExpectedTensor {
  readonly dtype: DType;
}

/**
 * The tensor that an input stands for. `subject` is what messages call it, such as `input "x"`.
 *
 * - A `Tensor`, of another copy of this package too, comes back as it is.
 * - A typed array is shared: its own `shape` if it has one, else one axis. It has its own dtype, or the expected one
 *   where that is stored the same way: Uint16Array as float16 or bfloat16 bits, Uint8Array of 0 and 1 as bool,
 *   Float32Array and Float64Array as re, im pairs of complex numbers.
 * - **A bare Uint8Array (a Buffer) is one byte string**, a scalar, unless numbers or bool are expected or it has a shape.
 * - A tensor of another library is shared too, and is read as its own dtype.
 * - Plain and nested values follow `expected`, or else their JavaScript type: see {@link fromNested}.
 *
 * Typed data never changes its dtype in silence, with one exception, in which every value stays the same: integers go
 * into wider integers and float32 into float64 (a copy). A `Tensor` is never converted.
 *
 * @throws ServingError (INVALID_ARGUMENT) for a dtype other than the expected one, a dtype that is not known, ragged or
 * unfit values, a shape that does not fit, and anything that is no tensor
 */
export function toTensor(input: TensorInput, subject: string, expected?: ExpectedTensor): Tensor {
  if (input instanceof Tensor) return checkTensor(input, subject, expected);
  if (isTypedArray(input)) {
    const shape = (input as { readonly shape?: unknown }).shape;
    const isString = expected === undefined || expected.dtype === "string";
    if (isString && isBytes(input) && !Array.isArray(shape)) return fromNested(input, "string", subject);
    return fromTyped(input, undefined, Array.isArray(shape) ? shape : undefined, subject, expected);
  }
  if (isForeignTensor(input)) {
    const { data, dtype, shape } = fromForeign(input, subject);
    if (isTypedArray(data)) return fromTyped(data, dtype, shape, subject, expected);
    if (dtype !== undefined && expected !== undefined && dtype !== expected.dtype) {
      throw mismatch(subject, expected, `a tensor of ${dtype}`);
    }
    const nested = fromNested(data, dtype ?? expected?.dtype, subject);
    return shape === undefined ? nested : new Tensor(nested.dtype, shape, nested.data, subject);
  }
  if (typeof input === "object" && !Array.isArray(input)) {
    throw invalidArgument(`${subject}: expected a tensor, an array or a value, found ${describeType(input)}`);
  }
  return fromNested(input as NestedValue, expected?.dtype, subject);
}

function checkTensor(tensor: Tensor, subject: string, expected: ExpectedTensor | undefined): Tensor {
  // Another copy of this package may be a later one that knows more dtypes.
  if (!isDType(tensor.dtype))
    throw invalidArgument(`${subject}: dtype ${JSON.stringify(String(tensor.dtype))} is not known`);
  if (expected !== undefined && tensor.dtype !== expected.dtype) {
    throw mismatch(subject, expected, `a tensor of ${formatTensor(tensor)}`);
  }
  return tensor;
}

function fromTyped(
  array: TensorArray,
  ownDType: DType | undefined,
  shape: Shape | undefined,
  subject: string,
  expected: ExpectedTensor | undefined,
): Tensor {
  const arrayType = arrayDType(array) as FixedWidthDType;
  const dtype = ownDType ?? (expected !== undefined && viewAs(array, expected.dtype) ? expected.dtype : arrayType);
  const data = viewAs(array, dtype);
  if (data === undefined) throw invalidArgument(`${subject}: ${dtype} elements cannot be in ${describeType(array)}`);
  if (dtype === "bool") requireBits(data as Uint8Array, subject);
  const axes = shape ?? [dtype.startsWith("complex") ? Math.floor(data.length / 2) : data.length];
  if (expected === undefined || expected.dtype === dtype)
    return new Tensor(dtype, axes, data as DataOf<DType>, subject);
  const wider = widen(data, dtype, expected.dtype);
  if (wider === undefined) {
    throw mismatch(subject, expected, ownDType === undefined ? describeType(array) : `a tensor of ${ownDType}`);
  }
  return new Tensor(expected.dtype, axes, wider, subject);
}

function mismatch(subject: string, expected: ExpectedTensor, found: string): Error {
  return invalidArgument(`${subject}: expected ${expected.dtype}, found ${found}`);
}
