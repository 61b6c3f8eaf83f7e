import { bfloat16ToFloat32, float16ToFloat32 } from "../tensor/half.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Numbers of a tensor in row-major order; `undefined` for strings. Halves are converted, complex numbers come as re, im. */
export function numbersOf(tensor: Tensor): ArrayLike<number | bigint> | undefined {
  switch (tensor.dtype) {
    case "string":
      return undefined;
    case "float16":
      return float16ToFloat32(tensor.data as Uint16Array);
    case "bfloat16":
      return bfloat16ToFloat32(tensor.data as Uint16Array);
    default:
      return tensor.data as ArrayLike<number | bigint>;
  }
}

/** Where the value at `index` of {@link numbersOf} stands: `[1, 0]`. */
export function placeOf(tensor: Tensor, index: number): string {
  let rest = tensor.dtype.startsWith("complex") ? Math.floor(index / 2) : index;
  const place: number[] = [];
  for (const length of tensor.shape.toReversed()) {
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return `[${place.join(", ")}]`;
}
