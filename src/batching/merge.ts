import { allocate } from "../tensor/allocate.ts";
import { type DType, FIXED_WIDTH, type FixedWidthDType, type NumericArray } from "../tensor/dtype.ts";
import { rowData } from "../tensor/rows.ts";
import { sizeOf, withRows } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Up to this many values a loop is faster than a call of `set`: measured. */
const SHORT = 48;

/**
 * Tensors of one dtype and inner shape as one of `rows` rows: theirs in order, copied once, and behind them the first row
 * of the last tensor as often as it takes.
 *
 * @see tensorflow_serving/batching/batching_session.cc MergeInputTensors (the same filling)
 */
export function mergeRows(tensors: readonly Tensor[], rows: number): Tensor {
  const { dtype, shape } = tensors[0]!;
  const merged = withRows(shape, rows);
  if (dtype === "string") return new Tensor<DType>("string", merged, mergeStrings(tensors as Tensor<"string">[], rows));
  const out = allocate(dtype as FixedWidthDType, sizeOf(merged), "batch") as NumericArray;
  const { valuesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
  let offset = 0;
  let lastOffset = 0;
  for (const tensor of tensors) {
    lastOffset = offset;
    put(out, tensor.data as NumericArray, offset);
    offset += tensor.size * valuesPerElement;
  }
  const perRow = out.length / rows;
  for (; offset < out.length; offset += perRow) out.copyWithin(offset, lastOffset, lastOffset + perRow);
  return new Tensor<DType>(dtype, merged, out as never);
}

function mergeStrings(tensors: readonly Tensor<"string">[], rows: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (const { data } of tensors) for (const bytes of data) out.push(bytes);
  const last = tensors.at(-1)!;
  const first = rowData(last, 0, 1);
  let missing = rows - tensors.reduce((sum, { shape }) => sum + shape[0]!, 0);
  for (; missing > 0; missing--) out.push(...first);
  return out;
}

/** One after the other: rows are short, and many. */
export function put(out: NumericArray, values: NumericArray, offset: number): void {
  const { length } = values;
  if (length > SHORT) (out as Float32Array).set(values as Float32Array, offset);
  else
    for (let index = 0; index < length; index++)
      (out as Float32Array)[offset + index] = (values as Float32Array)[index]!;
}

/** The tensor cut along axis 0 into parts of these sizes; rows behind them are left out. Shares memory. */
export function splitRows(tensor: Tensor, counts: readonly number[]): Tensor[] {
  let begin = 0;
  return counts.map((count) => {
    const end = begin + count;
    const part = new Tensor<DType>(tensor.dtype, withRows(tensor.shape, count), rowData(tensor, begin, end));
    begin = end;
    return part;
  });
}
