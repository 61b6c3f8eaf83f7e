import { type DType, FIXED_WIDTH, type FixedWidthDType, type NumericArray } from "./dtype.ts";

/** Into which dtypes every value of a dtype goes as it is. Never from an integer to a float: 255 is seldom meant as 255.0. */
const WIDER: Readonly<Partial<Record<DType, readonly FixedWidthDType[]>>> = {
  int8: ["int16", "int32", "int64"],
  int16: ["int32", "int64"],
  int32: ["int64"],
  uint8: ["uint16", "uint32", "uint64", "int16", "int32", "int64"],
  uint16: ["uint32", "uint64", "int32", "int64"],
  uint32: ["uint64", "int64"],
  float32: ["float64"],
};

/** The same values in fresh memory of the wider dtype; `undefined` where they might not be the same. */
export function widen(data: NumericArray, from: DType, to: DType): NumericArray | undefined {
  const target = WIDER[from]?.find((dtype) => dtype === to);
  if (target === undefined) return undefined;
  const out = new FIXED_WIDTH[target].array(data.length);
  if (target === "int64" || target === "uint64") {
    for (let i = 0; i < data.length; i++) out[i] = BigInt(data[i] as number);
  } else {
    (out as Float64Array).set(data as Float32Array);
  }
  return out;
}
