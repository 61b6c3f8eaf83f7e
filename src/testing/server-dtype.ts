import type { DType } from "../tensor/dtype.ts";
import { isDType } from "../tensor/dtype.ts";

/** The names that differ between this library and the server. */
const SERVER_NAMES: Partial<Record<DType, string>> = { float16: "half", float32: "float", float64: "double" };

/**
 * A dtype as the server's messages print it: `float`, `half`, `resource`.
 *
 * @see tensorflow/core/framework/types.cc DataTypeString
 */
export function toServerDType(dtype: string): string {
  if (isDType(dtype)) return SERVER_NAMES[dtype] ?? dtype;
  return dtype.replace(/^DT_/, "").toLowerCase();
}

/** A dtype as protobuf names it: `DT_FLOAT`. Names the library does not have are the protobuf ones already. */
export function toEnumName(dtype: string): string {
  return isDType(dtype) ? `DT_${toServerDType(dtype).toUpperCase()}` : dtype;
}

/** The library's name of a protobuf dtype, or `undefined` for one that it cannot hold. */
export function fromEnumName(name: string): DType | undefined {
  const server = name.replace(/^DT_/, "").toLowerCase();
  for (const [dtype, spelled] of Object.entries(SERVER_NAMES)) if (spelled === server) return dtype as DType;
  return isDType(server) && !Object.hasOwn(SERVER_NAMES, server) ? server : undefined;
}
