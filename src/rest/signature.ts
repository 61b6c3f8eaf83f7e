import * as z from "zod/mini";
import type { Signature, TensorSpec } from "../contract/signature.ts";
import { decodeError } from "../errors/decode-error.ts";
import { quote } from "../internal/quote.ts";
import type { DType } from "../tensor/dtype.ts";
import { check, enumValue, int64, map, message } from "./protobuf-json.ts";

/** @see tensorflow/core/framework/types.proto */
const DTYPES: Readonly<Record<string, DType>> = {
  DT_FLOAT: "float32",
  DT_DOUBLE: "float64",
  DT_INT32: "int32",
  DT_UINT8: "uint8",
  DT_INT16: "int16",
  DT_INT8: "int8",
  DT_STRING: "string",
  DT_COMPLEX64: "complex64",
  DT_INT64: "int64",
  DT_BOOL: "bool",
  DT_BFLOAT16: "bfloat16",
  DT_UINT16: "uint16",
  DT_COMPLEX128: "complex128",
  DT_HALF: "float16",
  DT_UINT32: "uint32",
  DT_UINT64: "uint64",
};

const SIGNATURE = message({
  inputs: z.optional(map),
  outputs: z.optional(map),
  method_name: z.optional(z.string()),
  defaults: z.optional(map),
});

const TENSOR_INFO = message({
  name: z.optional(z.string()),
  dtype: z.optional(enumValue),
  tensor_shape: z.optional(
    message({
      dim: z.optional(z.array(message({ size: z.optional(int64) }))),
      unknown_rank: z.optional(z.boolean()),
    }),
  ),
});

/** A SignatureDef of the metadata document. `where` is its place there, for errors. */
export function fromSignatureDef(value: unknown, where: string): Signature {
  const { inputs, outputs, method_name: methodName, defaults } = check(value, SIGNATURE, where);
  const optional = Object.keys(defaults ?? {});
  return {
    methodName: methodName ?? "",
    inputs: fromTensorInfos(inputs, `${where}.inputs`),
    outputs: fromTensorInfos(outputs, `${where}.outputs`),
    ...(optional.length === 0 ? {} : { defaults: optional }),
  };
}

function fromTensorInfos(
  infos: Readonly<Record<string, unknown>> | undefined,
  where: string,
): Readonly<Record<string, TensorSpec>> {
  const specs: Record<string, TensorSpec> = Object.create(null);
  for (const [name, value] of Object.entries(infos ?? {})) {
    const place = `${where}[${quote(name)}]`;
    const info = check(value, TENSOR_INFO, place);
    const shape = info.tensor_shape;
    specs[name] = {
      dtype: toDType(info.dtype),
      // A shape that is not there says no more than one of unknown rank.
      shape:
        shape === undefined || shape.unknown_rank ? null : (shape.dim ?? []).map(({ size }) => toLength(size, place)),
      tensorName: info.name ?? "",
    };
  }
  return specs;
}

function toDType(dtype: string | number | undefined): string {
  if (typeof dtype === "number") return `DT_${dtype}`;
  if (dtype === undefined) return "DT_INVALID";
  return Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype]! : dtype;
}

function toLength(size: bigint | undefined, where: string): number {
  const length = Number(size ?? 0n);
  if (!Number.isSafeInteger(length) || length < -1) throw decodeError(`${where}: a dimension out of range`);
  return length;
}
