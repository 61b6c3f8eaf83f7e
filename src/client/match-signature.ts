import type { Signature, TensorSpec } from "../contract/signature.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { ServingError } from "../errors/serving-error.ts";
import { didYouMean } from "../internal/did-you-mean.ts";
import { quote } from "../internal/quote.ts";
import { type DType, isDType } from "../tensor/dtype.ts";
import { formatShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";
import { toTensor } from "../tensor/to-tensor.ts";

/** A signature and what messages call it. */
export interface NamedSignature {
  readonly signature: Signature;
  readonly name: string;
  readonly model: string;
}

/** Messages list this many inputs or outputs: a server may declare any number. */
const MOST_LISTED = 20;

/**
 * The tensor of one input: of the dtype that the signature says, of a rank and fixed dimensions that it allows. Plain
 * values may leave out last axes of length 1: `[1, 2, 5]` goes to `[-1, 1]`, which many exported models declare and
 * their server would take either way. A tensor brings its own shape and keeps it.
 *
 * @throws ServingError (INVALID_ARGUMENT) saying what the signature wants
 */
export function toInput(value: TensorInput, name: string, subject: string, named: NamedSignature): Tensor {
  const { inputs } = named.signature;
  const spec = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  if (spec === undefined) throw notIn(subject, name, "inputs", named);
  // Put together only for a message: this runs for each input of each call.
  const wants = () => `${titleOf(named)} wants ${formatSpec(spec)}`;
  if (!isDType(spec.dtype)) throw invalidArgument(`${subject}: ${wants()}, which this client cannot send`);
  const given = convert(value, subject, spec.dtype, wants);
  const tensor = spec.shape === null || hasShape(value) ? given : withLastAxes(given, spec.shape);
  if (spec.shape !== null && !fits(tensor.shape, spec.shape)) {
    throw invalidArgument(
      `${subject}: shape ${formatShape(tensor.shape)} does not fit: ${wants()}${rowHint(tensor.shape, spec.shape)}`,
    );
  }
  return tensor;
}

/**
 * Checks that no input is left out but those the server can fill in by itself.
 *
 * @throws ServingError (INVALID_ARGUMENT)
 */
export function checkNoneMissing(
  inputs: Readonly<Record<string, unknown>>,
  named: NamedSignature,
  canLeaveOut: boolean,
): void {
  const { signature } = named;
  for (const name of Object.keys(signature.inputs)) {
    if (Object.hasOwn(inputs, name)) continue;
    if (!signature.defaults?.includes(name)) {
      throw invalidArgument(`input ${quote(name)} is missing: ${titleOf(named)} wants ${list(signature.inputs)}`);
    }
    if (canLeaveOut) continue;
    throw invalidArgument(
      `input ${quote(name)} is missing: the server has a default for it, but only gRPC can leave an input out`,
    );
  }
}

/** Checks that the wanted outputs exist. @throws ServingError (INVALID_ARGUMENT) */
export function checkOutputs(names: readonly string[] | undefined, named: NamedSignature): void {
  for (const name of names ?? []) {
    if (!Object.hasOwn(named.signature.outputs, name)) throw notIn(`output ${quote(name)}`, name, "outputs", named);
  }
}

function convert(value: TensorInput, subject: string, dtype: DType, wants: () => string): Tensor {
  try {
    return toTensor(value, subject, { dtype });
  } catch (error) {
    if (error instanceof ServingError) throw invalidArgument(`${error.rawMessage}; ${wants()}`);
    throw error;
  }
}

/** Whether a value says its shape itself; nested values and bare arrays only imply one. */
function hasShape(value: TensorInput): boolean {
  return typeof value === "object" && value !== null && ("shape" in value || "dims" in value);
}

function withLastAxes(tensor: Tensor, wanted: readonly number[]): Tensor {
  const { dtype, shape } = tensor;
  const missing = wanted.slice(shape.length);
  if (missing.length === 0 || shape.length === 0 || missing.some((length) => length !== 1)) return tensor;
  return new Tensor(dtype, [...shape, ...missing], tensor.data);
}

function fits(shape: readonly number[], wanted: readonly number[]): boolean {
  return shape.length === wanted.length && wanted.every((length, axis) => length < 0 || length === shape[axis]);
}

/** The most common slip: one example where a batch of them is wanted. */
function rowHint(shape: readonly number[], wanted: readonly number[]): string {
  const isRow = wanted.length > 0 && (wanted[0]! < 0 || wanted[0] === 1) && fits(shape, wanted.slice(1));
  return isRow ? "; for a batch of one put it into an array" : "";
}

function notIn(subject: string, name: string, side: "inputs" | "outputs", named: NamedSignature): ServingError {
  const specs = named.signature[side];
  const names = Object.keys(specs);
  const meant = names.length === 1 ? `; did you mean ${quote(names[0]!)}?` : didYouMean(name, names);
  return invalidArgument(`${subject} is not in ${titleOf(named)} (${side}: ${list(specs)})${meant}`);
}

function list(specs: Readonly<Record<string, TensorSpec>>): string {
  const entries = Object.entries(specs);
  const listed = entries.slice(0, MOST_LISTED).map(([name, spec]) => `${quote(name)} ${formatSpec(spec)}`);
  if (entries.length > MOST_LISTED) listed.push(`${entries.length - MOST_LISTED} more`);
  return listed.length === 0 ? "none" : listed.join(", ");
}

function formatSpec({ dtype, shape }: TensorSpec): string {
  return `${dtype} ${shape === null ? "of any shape" : formatShape(shape)}`;
}

function titleOf({ name, model }: NamedSignature): string {
  return `signature ${quote(name)} of ${quote(model)}`;
}
