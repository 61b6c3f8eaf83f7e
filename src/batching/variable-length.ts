import type { Signature } from "../contract/signature.ts";
import { allocate } from "../tensor/allocate.ts";
import { type DataOf, type DType, FIXED_WIDTH, type FixedWidthDType } from "../tensor/dtype.ts";
import { type Shape, sameRowShape, sizeOf, withRows } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Ranks that can be filled up, as on the server. @see tensorflow_serving/batching/batching_util.cc AddPadding */
const HIGHEST_RANK = 6;

type Tensors = Readonly<Record<string, Tensor>>;
type Shapes = Readonly<Record<string, Shape>>;

/** Whether a tensor's lengths may be filled up: it needs a first element to fill up with. */
export function canPad(tensor: Tensor): boolean {
  return tensor.shape.length <= HIGHEST_RANK && tensor.size > 0;
}

/** The longest of each axis; of axis 0, which is not filled up, the first tensor's. */
export function longestShape(tensors: readonly Tensor[]): Shape {
  const longest = tensors[0]!.shape.slice();
  for (const { shape } of tensors) lengthen(longest, shape);
  return longest;
}

/** Makes each length but the first as long as the other's, where that is longer. */
export function lengthen(lengths: number[], other: Shape): void {
  for (let axis = 1; axis < lengths.length; axis++) lengths[axis] = Math.max(lengths[axis]!, other[axis]!);
}

/** The tensor with the lengths of `wanted` on all axes but 0, filled up with its own first element. */
export function padTo(tensor: Tensor, wanted: Shape): Tensor {
  if (sameRowShape(tensor.shape, wanted)) return tensor;
  return reshape(tensor, withRows(wanted, tensor.shape[0]!), tensor.data);
}

/**
 * The outputs of one call with the lengths that were filled up for it taken back: those that the signature leaves free,
 * as it leaves free the input's length on the same axis, and that came out as long as the filled-up input was.
 */
export function cutBack(outputs: Tensors, inputs: Tensors, sent: Shapes, signature: Signature): Tensors {
  const cut: Record<string, Tensor> = Object.create(null);
  for (const [name, output] of Object.entries(outputs)) {
    const free = signature.outputs[name]?.shape;
    const wanted = output.shape.map((length, axis) =>
      axis > 0 && free?.[axis] === -1 ? ownLength(axis, length, inputs, sent, signature) : length,
    );
    cut[name] = sameRowShape(output.shape, wanted) ? output : reshape(output, wanted, undefined);
  }
  return cut;
}

/** The longest of the call's own inputs that were filled up to this length on this axis; else the length itself. */
function ownLength(axis: number, length: number, inputs: Tensors, sent: Shapes, { inputs: specs }: Signature): number {
  let own: number | undefined;
  for (const [name, { shape }] of Object.entries(inputs)) {
    if (specs[name]?.shape?.[axis] !== -1 || sent[name]![axis] !== length) continue;
    own = Math.max(own ?? 0, shape[axis]!);
  }
  return own ?? length;
}

/** What both shapes have, in fresh memory; the rest is `filling`'s first element. */
function reshape(tensor: Tensor, wanted: Shape, filling: DataOf<DType> | undefined): Tensor {
  const { dtype } = tensor;
  const values = dtype === "string" ? 1 : FIXED_WIDTH[dtype as FixedWidthDType].valuesPerElement;
  const from = tensor.data as Float32Array;
  const out = allocate(dtype, sizeOf(wanted), "batch") as Float32Array;
  if (filling !== undefined) {
    for (let at = 0; at < out.length; at++) out[at] = (filling as Float32Array)[at % values]!;
  }
  const lastAxis = wanted.length - 1;
  const copy = (axis: number, source: number, target: number): void => {
    const length = Math.min(tensor.shape[axis]!, wanted[axis]!);
    if (axis === lastAxis) {
      for (let at = 0; at < length * values; at++) out[target * values + at] = from[source * values + at]!;
      return;
    }
    const sourceStep = sizeOf(tensor.shape.slice(axis + 1));
    const targetStep = sizeOf(wanted.slice(axis + 1));
    for (let at = 0; at < length; at++) copy(axis + 1, source + at * sourceStep, target + at * targetStep);
  };
  copy(0, 0, 0);
  return new Tensor<DType>(dtype, wanted, out as never);
}
