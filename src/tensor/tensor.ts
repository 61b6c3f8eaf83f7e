import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType, withArticle } from "../internal/describe-value.ts";
import { type DataOf, type DType, FIXED_WIDTH, type FixedWidthDType, isDType } from "./dtype.ts";
import { formatTensor, rowCount, rowData } from "./rows.ts";
import { formatShape, type Shape, sizeOf } from "./shape.ts";
import { decodeText, isStringSource, type StringSource } from "./string-source.ts";
import { type NestedOf, toNested } from "./to-nested.ts";

const BRAND = Symbol.for("tfserving.Tensor");

/**
 * Typed elements in row-major order, and their shape. Immutable but for `data`, which is shared with whoever gave it:
 * never copied before the wire, and read until the call that sends it is on the wire.
 */
export class Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
  /** How many elements: the product of the shape, 1 for a scalar. */
  readonly size: number;
  #data: DataOf<D> | undefined;
  readonly #strings: StringSource | undefined;

  /**
   * Wraps `data` without copying it. `subject` is what messages call it: `float32 tensor` when left out.
   *
   * @throws ServingError (INVALID_ARGUMENT) when dtype, array type, shape and length do not fit each other
   */
  constructor(dtype: D, shape: Shape, data: DataOf<D> | StringSource, subject?: string) {
    if (!isDType(dtype)) {
      throw invalidArgument(
        `${subject ?? "tensor"}: dtype ${JSON.stringify(String(dtype))} is not one this library holds`,
      );
    }
    if (!Array.isArray(shape)) {
      throw invalidArgument(`${subject ?? `${dtype} tensor`}: shape must be an array, got ${describeType(shape)}`);
    }
    this.dtype = dtype;
    // Copied and not frozen: freezing would be two thirds of what a tensor costs to make.
    this.shape = shape.slice();
    this.size = sizeOf(shape, subject ?? `${dtype} tensor`);
    if (dtype === "string" && isStringSource(data)) {
      this.#strings = data;
    } else {
      checkData(this, data, subject);
      this.#data = data as DataOf<D>;
    }
  }

  /** True for tensors of another copy of this package too. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
  }

  /**
   * The elements: the matching typed array, `Uint8Array[]` for strings. Two values an element for complex.
   * It may lie in a larger buffer: mind `byteOffset` and `byteLength` when using `data.buffer`.
   */
  get data(): DataOf<D> {
    if (this.#data === undefined) {
      const bytes = (this.#strings as StringSource).toBytes();
      checkData(this, bytes, undefined);
      this.#data = bytes as DataOf<D>;
    }
    return this.#data;
  }

  /** Nested arrays of the shape; a bare value for a scalar. int64 as bigint, halves as numbers, bytes as bytes. */
  toNested(): NestedOf<D> {
    return toNested<D>(this);
  }

  /**
   * The elements of a string tensor as text; bytes that are not UTF-8 become U+FFFD.
   *
   * @throws ServingError (INVALID_ARGUMENT) for any other dtype
   */
  toStrings(): string[] {
    if (this.dtype !== "string") {
      throw invalidArgument(`toStrings(): expected a string tensor, this one is ${formatTensor(this)}`);
    }
    if (this.#strings) return this.#strings.toStrings();
    return (this.data as readonly Uint8Array[]).map(decodeText);
  }

  /**
   * Row `index` of axis 0 as a tensor of one axis less. Shares memory.
   *
   * @throws ServingError (INVALID_ARGUMENT) out of range, and for a scalar
   */
  row(index: number): Tensor<D> {
    const rows = rowCount(this, "row()");
    if (!Number.isInteger(index) || index < 0 || index >= rows) {
      throw invalidArgument(`row(): ${formatTensor(this)} has rows 0 to ${rows - 1}, asked for ${String(index)}`);
    }
    return new Tensor(this.dtype, this.shape.slice(1), rowData<D>(this, index, index + 1));
  }

  /** `Tensor(float32 [2, 3])`: what a log shows. Never the elements. */
  toString(): string {
    return `Tensor(${formatTensor(this)})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

// On the prototype: set on each instance it would triple the time a tensor takes to make.
Object.defineProperty(Tensor.prototype, BRAND, { value: true });

function checkData(tensor: Tensor, data: unknown, subject: string | undefined): void {
  const { dtype, size } = tensor;
  let found: number;
  if (dtype === "string") {
    if (!Array.isArray(data)) throw wrongData(tensor, subject, "an array of Uint8Array", data);
    found = data.length;
  } else {
    const { array, valuesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
    // By name where identity fails: arrays of another realm (a worker, a test's VM) are as good.
    if (!(data instanceof array) && !(ArrayBuffer.isView(data) && tagOf(data) === array.name)) {
      throw wrongData(tensor, subject, withArticle(array.name), data);
    }
    const { length } = data as unknown as Float32Array;
    found = length / valuesPerElement;
    if (!Number.isInteger(found)) {
      throw invalidArgument(`${subject ?? `${dtype} tensor`}: expected pairs of re and im, data has ${length} values`);
    }
  }
  if (found !== size) {
    throw invalidArgument(
      `${subject ?? `${dtype} tensor`}: shape ${formatShape(tensor.shape)} holds ${size} ${size === 1 ? "element" : "elements"}, data has ${found}`,
    );
  }
}

function tagOf(view: ArrayBufferView): unknown {
  return (view as Partial<Float32Array>)[Symbol.toStringTag];
}

function wrongData({ dtype }: Tensor, subject: string | undefined, expected: string, data: unknown): Error {
  const what = subject === undefined ? `${dtype} tensor: data` : `${subject}: ${dtype} data`;
  return invalidArgument(`${what} must be ${expected}, got ${describeType(data)}`);
}
