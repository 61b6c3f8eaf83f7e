import type { InputSource } from "../../contract/input-source.ts";
import { seededRandom } from "../../internal/seeded-random.ts";
import { type DType, FIXED_WIDTH, type FixedWidthDType } from "../../tensor/dtype.ts";
import { toBfloat16Bits, toFloat16Bits } from "../../tensor/half.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { OptionChecks } from "../option-checks.ts";
import { makeInputs } from "./make-inputs.ts";

export interface RandomInputsOptions {
  /** A whole number from 0 to 2^32-1. The same seed gives the same values, on any machine and in any release. @default 1 */
  readonly seed?: number | undefined;
}

/** The longest made-up text, in letters. */
const MAX_LETTERS = 8;
const MAX_SEED = 2 ** 32 - 1;

/**
 * Random inputs that fit the signature, for the option `inputs` of a health check or a soak: floats and complex parts
 * from 0 up to 1, uint8 and int8 over their whole range (pixels, quantized values), other integers from 0 to 9 (ids that
 * most tables have), strings of one to eight letters from a to z. A free dimension is 1.
 *
 * A health check sends the same values each time, so that `expect` may know what comes out; a soak draws new ones for
 * each prediction. Either way the report says `synthetic`.
 *
 * @throws TypeError for an option that is unknown or wrong
 */
export function randomInputs(options: RandomInputsOptions = {}): InputSource {
  const checks = new OptionChecks("randomInputs");
  checks.known(options, ["seed"]);
  const seed = checks.whole("seed", options.seed, 1, 0);
  if (seed > MAX_SEED) throw checks.wrong("seed", "a whole number from 0 to 2^32-1", seed);
  return {
    name: `random inputs, seed ${seed}`,
    synthetic: true,
    inputsFor: async ({ signature, index }) =>
      makeInputs(signature, (name, dtype, shape) => randomTensor(dtype, shape, streamOf(seed, index, name))),
  };
}

/** A stream of its own for each input: the order in which a wire names them must not matter. */
function streamOf(seed: number, index: number, name: string): () => number {
  // FNV-1a over the number of the prediction and the name.
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const byte of Buffer.from(`${index} ${name}`)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return seededRandom(hash);
}

function randomTensor(dtype: DType, shape: readonly number[], random: () => number): Tensor {
  const size = sizeOf(shape);
  if (dtype === "string") {
    return new Tensor(
      "string",
      shape,
      Array.from({ length: size }, () => letters(random)),
    ) as Tensor;
  }
  const { array: ArrayType, valuesPerElement } = FIXED_WIDTH[dtype];
  const data = new ArrayType(size * valuesPerElement);
  const draw = drawerOf(dtype, random);
  for (let at = 0; at < data.length; at++) data[at] = draw();
  return new Tensor<DType>(dtype, shape, data as never);
}

function letters(random: () => number): Uint8Array {
  const text = new Uint8Array(1 + whole(random, MAX_LETTERS));
  for (let at = 0; at < text.length; at++) text[at] = 0x61 + whole(random, 26);
  return text;
}

/** What one place of the array is filled with. */
function drawerOf(dtype: FixedWidthDType, random: () => number): () => number | bigint {
  switch (dtype) {
    case "float16":
      return () => toFloat16Bits(fraction(random, 8));
    case "bfloat16":
      return () => toBfloat16Bits(fraction(random, 8));
    case "float32":
    case "float64":
    case "complex64":
    case "complex128":
      return () => fraction(random, 24);
    case "bool":
      return () => whole(random, 2);
    case "uint8":
      return () => whole(random, 256);
    case "int8":
      return () => whole(random, 256) - 128;
    case "int64":
    case "uint64":
      return () => BigInt(whole(random, 10));
    default:
      return () => whole(random, 10);
  }
}

/** From 0 up to 1, with so many bits that the dtype holds it without rounding. */
function fraction(random: () => number, bits: number): number {
  return whole(random, 2 ** bits) / 2 ** bits;
}

function whole(random: () => number, below: number): number {
  return Math.floor(random() * below);
}
