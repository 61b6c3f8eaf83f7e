import type { TensorSpec } from "../contract/signature.ts";
import { unsupported } from "../errors/unsupported.ts";
import { quote } from "../internal/quote.ts";
import { type DType, isDType } from "../tensor/dtype.ts";
import { formatShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { putAscii } from "./json/digits.ts";
import { HIGH_WORD, LOW_WORD } from "./json/int64-words.ts";
import type { JsonWriter } from "./json/json-writer.ts";
import { NestedReader } from "./json/nested-reader.ts";
import { type PutRun, putNested } from "./json/put-nested.ts";
import { MAX_NUMBER_BYTES, putFloat32, putFloat64, putInt32, putInt64 } from "./json/put-number.ts";

const COMMA = 44;

/** What the server refuses to read from JSON, and to write to it. */
const NOT_IN_JSON: readonly DType[] = ["float16", "bfloat16", "uint16", "complex64", "complex128"];

/**
 * Makes sure that the server will read back what is sent. `skipAxes` is 1 for the row form, where axis 0 is the list
 * of instances.
 *
 * @throws ServingError (UNIMPLEMENTED) for a dtype that the server takes over gRPC only, and for a shape with no
 * elements that nested lists cannot show: `[0, 3]` would be `[]` and arrive as `[0]`
 * @see tensorflow_serving/util/json_tensor.cc
 */
export function checkJsonTensor(name: string, tensor: Tensor, skipAxes: 0 | 1): void {
  if (tensor.size > 0) {
    if (NOT_IN_JSON.includes(tensor.dtype)) {
      throw unsupported(`input ${quote(name)}: ${tensor.dtype} cannot be sent over REST; use gRPC`);
    }
    return;
  }
  const firstEmpty = tensor.shape.indexOf(0, skipAxes);
  if (firstEmpty < tensor.shape.length - 1) {
    const arrives = formatShape(tensor.shape.slice(0, firstEmpty + 1));
    throw unsupported(
      `input ${quote(name)}: shape ${formatShape(tensor.shape)} cannot be sent over REST, it would arrive as ${arrives}; use gRPC`,
    );
  }
}

/** Writes elements of one tensor, from `first` on, as nested lists of a shape. */
export type TensorWriter = (writer: JsonWriter, shape: Shape, first: number) => void;

/**
 * Prepares writing a tensor, in one piece or row by row.
 *
 * Strings are byte strings: those that are valid UTF-8 go as JSON strings, which the server reads byte for byte;
 * others, and all of an input whose name ends in `_bytes` (the server's own rule for outputs), as `{"b64": …}`.
 */
export function tensorWriter(name: string, tensor: Tensor): TensorWriter {
  if (tensor.dtype === "string") {
    const asBase64 = name.endsWith("_bytes");
    const elements = tensor.data as readonly Uint8Array[];
    return (writer, shape, first) => {
      putNested(writer, shape, first, 0, (_bytes, _at, from, to) => {
        for (let index = from; index < to; index++) {
          if (index > from) writer.comma();
          const element = elements[index]!;
          if (asBase64 || !writer.utf8(element)) writer.base64(element);
        }
        return writer.position;
      });
    };
  }
  const put = putRunOf(tensor);
  return (writer, shape, first) => putNested(writer, shape, first, MAX_NUMBER_BYTES, put);
}

/** Opens a reader for an output; a dtype that this library does not hold is left to the tokens. */
export function openTensor(spec: TensorSpec | undefined): NestedReader {
  return new NestedReader(spec !== undefined && isDType(spec.dtype) ? spec.dtype : undefined);
}

/**
 * The shape that a tensor without elements had before nested lists dropped its inner axes: the signature's fixed
 * dimensions, 0 for free ones. Other shapes are as they were read.
 */
export function restoreEmptyShape(read: Shape, spec: TensorSpec | undefined): Shape {
  if (read[read.length - 1] !== 0 || !spec?.shape || spec.shape.length <= read.length) return read;
  return [...read, ...spec.shape.slice(read.length).map((length) => Math.max(length, 0))];
}

function putRunOf(tensor: Tensor): PutRun {
  switch (tensor.dtype) {
    case "float32":
      return putFloat32s(tensor.data as Float32Array, false);
    case "float64": {
      const values = tensor.data as Float64Array;
      return putEach((bytes, at, index) => putFloat64(bytes, at, values[index]!));
    }
    case "int64":
    case "uint64": {
      const { buffer, byteOffset, length } = tensor.data as BigInt64Array | BigUint64Array;
      const words = new Int32Array(buffer, byteOffset, length * 2);
      const signed = tensor.dtype === "int64";
      return putEach((bytes, at, index) =>
        putInt64(bytes, at, words[index * 2 + HIGH_WORD]!, words[index * 2 + LOW_WORD]!, signed),
      );
    }
    case "bool": {
      const values = tensor.data as Uint8Array;
      return putEach((bytes, at, index) => putAscii(bytes, at, values[index] === 0 ? "false" : "true"));
    }
    default: {
      const values = tensor.data as Int32Array;
      return putEach((bytes, at, index) => putInt32(bytes, at, values[index]!));
    }
  }
}

/** Writes float32 values; `point` as in {@link putFloat32}. */
export function putFloat32s(values: Float32Array, point: boolean): PutRun {
  return (bytes, at, from, to, words) => {
    for (let index = from; index < to; index++) {
      if (index > from) bytes[at++] = COMMA;
      at = putFloat32(bytes, at, values[index]!, point, words);
    }
    return at;
  };
}

function putEach(put: (bytes: Buffer, at: number, index: number) => number): PutRun {
  return (bytes, at, from, to) => {
    for (let index = from; index < to; index++) {
      if (index > from) bytes[at++] = COMMA;
      at = put(bytes, at, index);
    }
    return at;
  };
}
