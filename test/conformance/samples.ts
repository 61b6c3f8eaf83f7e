import type { DType } from "../../src/tensor/dtype.ts";
import { Tensor } from "../../src/tensor/tensor.ts";

const text = new TextEncoder();

/** The edges of each dtype: what a codec that is wrong gets wrong first. Eight elements each. */
export const SAMPLES: { readonly [D in DType]: Tensor<D> } = {
  // Raw bits: 1, -2, largest, smallest subnormal, infinities, NaN, -0.
  float16: new Tensor(
    "float16",
    [2, 4],
    Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0xfc00, 0x7e00, 0x8000),
  ),
  bfloat16: new Tensor(
    "bfloat16",
    [2, 4],
    Uint16Array.of(0x3f80, 0xc000, 0x7f7f, 0x0001, 0x7f80, 0xff80, 0x7fc0, 0x8000),
  ),
  float32: new Tensor(
    "float32",
    [2, 4],
    Float32Array.of(0.1, -3.4028234663852886e38, 1.401298464324817e-45, -0, Number.NaN, Infinity, -Infinity, 16777217),
  ),
  float64: new Tensor(
    "float64",
    [2, 4],
    Float64Array.of(0.5, -0, 1e22, 2 ** 53, Number.NaN, Infinity, -Infinity, -1.25e-7),
  ),
  int8: new Tensor("int8", [2, 4], Int8Array.of(0, 1, -1, 127, -128, 63, 64, -64)),
  int16: new Tensor("int16", [2, 4], Int16Array.of(0, 1, -1, 32767, -32768, 127, 128, -129)),
  int32: new Tensor("int32", [2, 4], Int32Array.of(0, 1, -1, 2147483647, -2147483648, 65535, 65536, -65537)),
  int64: new Tensor(
    "int64",
    [2, 4],
    BigInt64Array.of(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 31n),
  ),
  uint8: new Tensor("uint8", [2, 4], Uint8Array.of(0, 1, 127, 128, 255, 2, 3, 4)),
  uint16: new Tensor("uint16", [2, 4], Uint16Array.of(0, 1, 255, 256, 65535, 2, 3, 4)),
  uint32: new Tensor("uint32", [2, 4], Uint32Array.of(0, 1, 65535, 65536, 4294967295, 2147483648, 3, 4)),
  uint64: new Tensor(
    "uint64",
    [2, 4],
    BigUint64Array.of(0n, 1n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 53n + 1n, 2n ** 32n, 3n, 4n),
  ),
  bool: new Tensor("bool", [2, 4], Uint8Array.of(0, 1, 1, 0, 1, 0, 0, 1)),
  string: new Tensor(
    "string",
    [2, 4],
    ["", "a", "Grüße", "日本語", "\u0000\u0001", '"\\/', "🙂", "line\nbreak"].map((each) => text.encode(each)),
  ),
  complex64: new Tensor("complex64", [2, 2], Float32Array.of(1, -1, 0.5, Number.NaN, Infinity, 0, -0, 2)),
  complex128: new Tensor("complex128", [2, 2], Float64Array.of(1, -1, 0.5, Number.NaN, Infinity, 0, -0, 2)),
};

/** Equal to the last bit: NaN equals NaN, -0 differs from 0. */
export function bitsOf(tensor: Tensor): unknown {
  const { data } = tensor;
  const bytes = Array.isArray(data)
    ? data.map((each: Uint8Array) => Buffer.from(each).toString("hex"))
    : Buffer.from(
        (data as Uint8Array).buffer,
        (data as Uint8Array).byteOffset,
        (data as Uint8Array).byteLength,
      ).toString("hex");
  return { dtype: tensor.dtype, shape: [...tensor.shape], bytes };
}
