import type { Tensor } from "../../tensor/tensor.ts";

/** The value fields of a TensorProto, named as the generated message names them. */
export interface ValueFields {
  halfVal?: number[];
  floatVal?: number[];
  doubleVal?: number[];
  intVal?: number[];
  uint32Val?: number[];
  scomplexVal?: number[];
  dcomplexVal?: number[];
  int64Val?: bigint[];
  uint64Val?: bigint[];
  boolVal?: boolean[];
  stringVal?: Uint8Array[];
}

/**
 * The elements in the list that belongs to the dtype; every one of them, though the format would let the last stand
 * for all that follow.
 *
 * @see tensorflow/core/framework/tensor.cc AsProtoField
 */
export function toValueFields({ dtype, data }: Tensor): ValueFields {
  switch (dtype) {
    case "float16":
    case "bfloat16":
      return { halfVal: Array.from(data as Uint16Array) };
    case "float32":
      return { floatVal: Array.from(data as Float32Array) };
    case "float64":
      return { doubleVal: Array.from(data as Float64Array) };
    case "int8":
    case "int16":
    case "int32":
    case "uint8":
    case "uint16":
      return { intVal: Array.from(data as Int32Array) };
    case "uint32":
      return { uint32Val: Array.from(data as Uint32Array) };
    case "int64":
      return { int64Val: Array.from(data as BigInt64Array) };
    case "uint64":
      return { uint64Val: Array.from(data as BigUint64Array) };
    case "bool":
      return { boolVal: Array.from(data as Uint8Array, (byte) => byte !== 0) };
    case "string":
      return { stringVal: [...(data as readonly Uint8Array[])] };
    case "complex64":
      return { scomplexVal: Array.from(data as Float32Array) };
    case "complex128":
      return { dcomplexVal: Array.from(data as Float64Array) };
  }
}
