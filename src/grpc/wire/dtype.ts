import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import type { DType } from "../../tensor/dtype.ts";

const NUMBERS: Readonly<Record<DType, number>> = {
  float16: DataType.DT_HALF,
  bfloat16: DataType.DT_BFLOAT16,
  float32: DataType.DT_FLOAT,
  float64: DataType.DT_DOUBLE,
  int8: DataType.DT_INT8,
  int16: DataType.DT_INT16,
  int32: DataType.DT_INT32,
  int64: DataType.DT_INT64,
  uint8: DataType.DT_UINT8,
  uint16: DataType.DT_UINT16,
  uint32: DataType.DT_UINT32,
  uint64: DataType.DT_UINT64,
  bool: DataType.DT_BOOL,
  string: DataType.DT_STRING,
  complex64: DataType.DT_COMPLEX64,
  complex128: DataType.DT_COMPLEX128,
};

const DTYPES_BY_NUMBER: readonly (DType | undefined)[] = Object.entries(NUMBERS).reduce<(DType | undefined)[]>(
  (table, [dtype, number]) => {
    table[number] = dtype as DType;
    return table;
  },
  Array.from({ length: 32 }, () => undefined),
);

const SERVER_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(DataType).map(([name, number]) => [number, name]),
);

/** The number of a dtype on the wire. @see tensorflow/core/framework/types.proto DataType */
export function toDataType(dtype: DType): number {
  return NUMBERS[dtype];
}

/** The dtype behind a number, or `undefined` for one that this library cannot hold. */
export function fromDataType(number: number): DType | undefined {
  return DTYPES_BY_NUMBER[number];
}

/** How the server calls a dtype: `DT_RESOURCE`, or `DataType 77` for a number that has no name here. */
export function serverDTypeName(number: number): string {
  return SERVER_NAMES.get(number) ?? `DataType ${number}`;
}
