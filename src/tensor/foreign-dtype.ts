import type { DType } from "./dtype.ts";
import { isDType } from "./dtype.ts";

/**
 * What other libraries call the dtypes of this one, where they use another name: ONNX and Rust style words, the
 * little-endian and byte-order-free codes of NumPy, and the array kinds of the ndarray packages.
 */
const ALIASES: ReadonlyMap<string, DType> = new Map<string, DType>([
  ["half", "float16"],
  ["float", "float32"],
  ["double", "float64"],
  ["boolean", "bool"],
  ["str", "string"],
  ["uint8c", "uint8"],
  ["uint8_clamped", "uint8"],
  ["bigint64", "int64"],
  ["biguint64", "uint64"],
  ["<f2", "float16"],
  ["<f4", "float32"],
  ["<f8", "float64"],
  ["|i1", "int8"],
  ["<i2", "int16"],
  ["<i4", "int32"],
  ["<i8", "int64"],
  ["|u1", "uint8"],
  ["<u2", "uint16"],
  ["<u4", "uint32"],
  ["<u8", "uint64"],
  ["|b1", "bool"],
  ["<c8", "complex64"],
  ["<c16", "complex128"],
]);

/** The dtype that another library's name stands for, or `undefined` for one that is not known. */
export function fromForeignDType(name: string): DType | undefined {
  return isDType(name) ? name : ALIASES.get(name);
}
