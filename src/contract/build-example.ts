import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType } from "../internal/describe-value.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Example, Feature } from "./example.ts";
import type { ExampleInput, FeatureInput } from "./example-input.ts";
import { toFeature } from "./to-feature.ts";

/**
 * A tf.Example of a plain object: one feature a member.
 *
 * number is float (also a whole one), bigint int64, string and Uint8Array bytes (text as UTF-8); a list of one of them
 * is a feature of many values, an empty list one of no kind. `{ float: … }`, `{ int64: … }` and `{ bytes: … }` say the
 * kind outright. Float32Array and BigInt64Array are shared, Float64Array is rounded to float32.
 *
 * @throws ServingError (INVALID_ARGUMENT) naming the feature, and the index for a list of mixed kinds, a value without a
 * kind (booleans: say `{ int64: true }`) or an integer beyond int64
 * @see tensorflow/core/example/feature.proto
 */
export function example(input: Readonly<Record<string, FeatureInput>>): Example {
  return fromObject(input, "example");
}

/**
 * The example that an input stands for: one made by {@link example} as it is, a plain object by the same rules.
 * `subject` is what messages call it, such as `examples[3]`.
 *
 * @throws ServingError (INVALID_ARGUMENT) as {@link example} does
 */
export function toExample(input: ExampleInput, subject: string): Example {
  return isExample(input) ? input : fromObject(input, subject);
}

function isExample(input: unknown): input is Example {
  if (typeof input !== "object" || input === null) return false;
  // A plain example may have a feature called "features", but no feature is a Map.
  return Object.prototype.toString.call((input as { features?: unknown }).features) === "[object Map]";
}

function fromObject(input: unknown, subject: string): Example {
  if (!isFeatureObject(input))
    throw invalidArgument(`${subject}: expected an object of features, found ${describeType(input)}`);
  const features = new Map<string, Feature>();
  for (const [name, value] of Object.entries(input)) features.set(name, toFeature(value, subject, name));
  return { features };
}

function isFeatureObject(input: unknown): input is object {
  if (typeof input !== "object" || input === null || input instanceof Tensor) return false;
  return Object.prototype.toString.call(input) === "[object Object]";
}
