import type { Signature, TensorSpec } from "../contract/signature.ts";
import { quote } from "../internal/quote.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { JsonReader } from "./json/json-reader.ts";
import { openTensor, restoreEmptyShape } from "./tensor.ts";

/** What a lone output is called when no signature tells its name. */
export const LONE_OUTPUT = "outputs";

/** More outputs than any model has. */
const MAX_OUTPUTS = 10_000;

/** By output name; no prototype. */
export type Outputs = Record<string, Tensor>;

/** Reads the value of `outputs`: one tensor without its name, or an object of several. */
export function readColumns(reader: JsonReader, signature: Signature | undefined): Outputs {
  const outputs: Outputs = Object.create(null);
  if (!isNamed(reader)) {
    const name = loneName(reader, signature);
    const spec = specOf(signature, name);
    const value = openTensor(spec);
    value.read(reader);
    outputs[name] = value.finish(restoreEmptyShape(value.shape, spec));
    return outputs;
  }
  let count = 0;
  reader.object((name) => {
    checkOutputCount(reader, ++count);
    const spec = specOf(signature, name);
    const value = openTensor(spec);
    value.read(reader);
    outputs[name] = value.finish(restoreEmptyShape(value.shape, spec));
  });
  return outputs;
}

/**
 * Whether an object of named outputs comes next. `{"b64": "…"}` is binary data: one key of that name, with a string
 * for its value. An output called `b64` is never alone in an object, since a lone output has no name.
 */
export function isNamed(reader: JsonReader): boolean {
  if (reader.peek() !== 123) return false;
  const start = reader.position;
  reader.position++;
  let named = true;
  if (reader.peek() === 34 && reader.string() === "b64" && reader.peek() === 58) {
    reader.position++;
    if (reader.peek() === 34) {
      reader.position++;
      reader.stringEnd();
      named = reader.peek() !== 125;
    }
  }
  reader.position = start;
  return named;
}

/**
 * The name of the only output: the signature's.
 *
 * @throws ServingError (INTERNAL, kind decode) when the signature has several: it is not the one that answered
 */
export function loneName(reader: JsonReader, signature: Signature | undefined): string {
  if (signature === undefined) return LONE_OUTPUT;
  const names = Object.keys(signature.outputs);
  if (names.length === 1) return names[0]!;
  throw reader.fail(`one output without a name, the signature has ${names.map(quote).join(", ") || "none"}`);
}

/** The signature's word on an output, where it has one; names come from the peer. */
export function specOf(signature: Signature | undefined, name: string): TensorSpec | undefined {
  return signature !== undefined && Object.hasOwn(signature.outputs, name) ? signature.outputs[name] : undefined;
}

export function checkOutputCount(reader: JsonReader, count: number): void {
  if (count > MAX_OUTPUTS) throw reader.fail(`more than ${MAX_OUTPUTS} outputs`);
}
