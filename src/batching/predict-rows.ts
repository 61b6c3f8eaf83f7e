import type { PredictRequest, PredictResponse } from "../contract/predict.ts";
import type { CallContext } from "../contract/transport.ts";
import { ServingError } from "../errors/serving-error.ts";
import { quote } from "../internal/quote.ts";
import { concat } from "../tensor/concat.ts";
import { FIXED_WIDTH, type FixedWidthDType } from "../tensor/dtype.ts";
import { formatTensor } from "../tensor/rows.ts";
import { sameRowShape } from "../tensor/shape.ts";
import { slice } from "../tensor/slice.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { chooseAlike, keyOfModel, named } from "./batch-key.ts";
import { mergeRows, splitRows } from "./merge.ts";
import type { RowKind } from "./row-kind.ts";
import { canPad, cutBack, lengthen, longestShape, padTo } from "./variable-length.ts";
import { wrongRows } from "./wrong-rows.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** A row of a predict is a slice of axis 0 of each input, and of each output. */
export const PREDICT_ROWS: RowKind<PredictRequest, PredictResponse> = {
  measure({ inputs }) {
    let rows: number | undefined;
    let bytes = 0;
    for (const name in inputs) {
      const tensor = inputs[name]!;
      const { shape } = tensor;
      if (shape.length === 0 || shape[0] === 0 || (rows !== undefined && rows !== shape[0])) return undefined;
      rows = shape[0]!;
      bytes += bytesOf(tensor);
    }
    return rows === undefined ? undefined : { rows, bytes };
  },

  keyOf(request, context) {
    const { inputs, outputFilter } = request;
    const varies = mayPad(context);
    let key = keyOfModel(request);
    for (const name of Object.keys(inputs).sort()) {
      const tensor = inputs[name]!;
      const { dtype, shape } = tensor;
      key += `${named(name)}${dtype}`;
      if (varies && canPad(tensor)) key += `r${shape.length}`;
      else for (let axis = 1; axis < shape.length; axis++) key += `,${shape[axis]}`;
      key += ";";
    }
    if (outputFilter !== undefined) for (const name of outputFilter) key += `>${named(name)}`;
    return key;
  },

  areAlike(one, other) {
    if (!chooseAlike(one, other) || one.outputFilter !== other.outputFilter) return false;
    const names = Object.keys(one.inputs);
    if (Object.keys(other.inputs).length !== names.length) return false;
    for (const name of names) {
      const mine = one.inputs[name]!;
      const theirs = other.inputs[name];
      if (theirs === undefined || mine.dtype !== theirs.dtype || !sameRowShape(mine.shape, theirs.shape)) return false;
    }
    return true;
  },

  cut: (request, begin, end) => ({ ...request, inputs: each(request.inputs, (input) => slice(input, begin, end)) }),

  merge(requests, rows) {
    const [first] = requests;
    return {
      ...first!,
      inputs: each(first!.inputs, (_, name) => {
        const tensors = requests.map(({ inputs }) => inputs[name]!);
        const longest = longestShape(tensors);
        return mergeRows(
          tensors.map((tensor) => padTo(tensor, longest)),
          rows,
        );
      }),
    };
  },

  tally() {
    const inputsSoFar = new Map<string, { longest: number[]; elementBytes: number }>();
    let rows = 0;
    return ({ inputs }) => {
      let bytes = 0;
      let own = 0;
      for (const name of Object.keys(inputs)) {
        const tensor = inputs[name]!;
        own = tensor.shape[0]!;
        const elementBytes = bytesOf(tensor) / Math.max(1, tensor.size);
        const soFar = inputsSoFar.get(name) ?? { longest: tensor.shape.slice(), elementBytes };
        inputsSoFar.set(name, soFar);
        soFar.elementBytes = Math.max(soFar.elementBytes, elementBytes);
        lengthen(soFar.longest, tensor.shape);
        bytes += (rows + own) * rowSize(soFar.longest) * soFar.elementBytes;
      }
      rows += own;
      return bytes;
    };
  },

  split({ outputs, modelSpec }, { requests, counts, rows, context }) {
    const parts = counts.map(() => Object.create(null) as Record<string, Tensor>);
    for (const name of Object.keys(outputs)) {
      const output = outputs[name]!;
      if (output.shape[0] !== rows)
        throw wrongRows(rows, `the server answered output ${quote(name)} as ${formatTensor(output)}`);
      const cut = splitRows(output, counts);
      for (let index = 0; index < cut.length; index++) parts[index]![name] = cut[index]!;
    }
    const { signature } = context;
    if (!mayPad(context) || requests.length === 1) return parts.map((part) => ({ outputs: part, modelSpec }));
    const sent = each(requests[0]!.inputs, (_, name) => longestShape(requests.map(({ inputs }) => inputs[name]!)));
    return parts.map((part, index) => ({
      outputs: cutBack(part, requests[index]!.inputs, sent, signature!),
      modelSpec,
    }));
  },

  join(responses) {
    const [first] = responses;
    const join = (_: Tensor, name: string) => {
      const parts = responses.map(({ outputs }) => outputs[name]);
      try {
        return concat(parts as Tensor[]);
      } catch (cause) {
        const rest = { code: "INTERNAL", kind: "protocol", cause } as const;
        throw new ServingError(
          `the parts of a call were answered in different forms (output ${quote(name)}): they cannot be joined`,
          rest,
        );
      }
    };
    return { ...first!, outputs: each(first!.outputs, join) };
  },
};

/** Lengths are filled up only where the signature can say which lengths of the answer follow. */
function mayPad({ batching, signature }: CallContext): boolean {
  return batching?.padVariableLengthInputs === true && signature !== undefined;
}

function each<T>(tensors: Tensors, change: (tensor: Tensor, name: string) => T): Record<string, T> {
  const changed: Record<string, T> = Object.create(null);
  for (const name of Object.keys(tensors)) changed[name] = change(tensors[name]!, name);
  return changed;
}

/** Elements of one row. */
function rowSize(shape: readonly number[]): number {
  let size = 1;
  for (let axis = 1; axis < shape.length; axis++) size *= shape[axis]!;
  return size;
}

function bytesOf({ dtype, size, data }: Tensor): number {
  if (dtype !== "string") return size * FIXED_WIDTH[dtype as FixedWidthDType].bytesPerElement;
  let bytes = 0;
  for (const element of data as readonly Uint8Array[]) bytes += element.length;
  return bytes;
}
