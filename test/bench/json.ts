import { toNestedArrays } from "./tensors.ts";

/**
 * A reply as the server writes it: six significant digits where those are enough for the float, else nine.
 *
 * @see tensorflow_serving/util/json_tensor.cc
 */
export function jsonReply(values: Float32Array, shape: readonly number[]): Buffer {
  const text = JSON.stringify(toNestedArrays(values, shape), (_, value: unknown) =>
    typeof value === "number" ? serverNumber(value) : value,
  );
  return Buffer.from(`{\n    "outputs": ${text}\n}`);
}

function serverNumber(value: number): number {
  const short = Number(value.toPrecision(6));
  return Math.fround(short) === value ? short : Number(value.toPrecision(9));
}
