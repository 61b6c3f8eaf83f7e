import { invalidArgument } from "../errors/invalid-argument.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half.ts";
import { formatTensor } from "./rows.ts";
import type { TensorParts } from "./tensor-parts.ts";

/**
 * The elements as float32, in row-major order. A float32 tensor gives its own array; float16, bfloat16, bool and
 * integers up to 16 bits are converted exactly, float64 is rounded to nearest, each into a fresh array.
 *
 * @throws ServingError (INVALID_ARGUMENT) for dtypes that float32 cannot stand for: wider integers, complex, string
 */
export function tensorToFloat32(tensor: TensorParts): Float32Array {
  switch (tensor.dtype) {
    case "float32":
      return tensor.data as Float32Array;
    case "float16":
      return float16ToFloat32(tensor.data as Uint16Array);
    case "bfloat16":
      return bfloat16ToFloat32(tensor.data as Uint16Array);
    case "float64":
    case "bool":
    case "int8":
    case "int16":
    case "uint8":
    case "uint16":
      return new Float32Array(tensor.data as Float64Array);
    default:
      throw invalidArgument(`tensorToFloat32(): ${formatTensor(tensor)} cannot be held by float32`);
  }
}
