import { invalidArgument } from "../errors/invalid-argument.ts";
import { type DataOf, type DType, FIXED_WIDTH, type FixedWidthDType, isDType } from "./dtype.ts";
import { toNested, type NestedOf } from "./nested.ts";
import { row } from "./row.ts";
import { formatShape, type Shape, sizeOf } from "./shape.ts";

const BRAND = Symbol.for("tfserving.Tensor");

/**
 * Where the elements of a `string` tensor come from. A wire that has them as one region of bytes can hand out text
 * without making a byte array for each.
 */
export interface StringSource {
  toBytes(): readonly Uint8Array[];
  toStrings(): string[];
}

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
   * Wraps `data` without copying it.
   *
   * @throws ServingError (INVALID_ARGUMENT) when dtype, array type, shape and length do not fit each other
   */
  constructor(dtype: D, shape: Shape, data: DataOf<D> | StringSource) {
    if (!isDType(dtype)) throw invalidArgument(`dtype ${JSON.stringify(String(dtype))} is not one this library can hold`);
    this.dtype = dtype;
    this.shape = Object.freeze(shape.slice());
    this.size = sizeOf(shape, `${dtype} tensor`);
    if (dtype === "string" && !Array.isArray(data)) {
      this.#strings = data as StringSource;
    } else {
      checkData(dtype, shape, this.size, data as DataOf<D>);
      this.#data = data as DataOf<D>;
    }
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** True for tensors of another copy of this package too. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
  }

  /** The elements: the matching typed array, `Uint8Array[]` for strings. Two values an element for complex. */
  get data(): DataOf<D> {
    this.#data ??= this.#strings?.toBytes() as DataOf<D>;
    return this.#data;
  }

  /** Nested arrays of the shape; a bare value for a scalar. int64 as bigint, halves as numbers, bytes as bytes. */
  toNested(): NestedOf<D> {
    return toNested(this);
  }

  /**
   * The elements of a string tensor as text; bytes that are not UTF-8 become U+FFFD.
   *
   * @throws ServingError (INVALID_ARGUMENT) for any other dtype
   */
  toStrings(): string[] {
    if (this.dtype !== "string") throw invalidArgument(`toStrings() needs a string tensor, this one is ${this.dtype} ${formatShape(this.shape)}`);
    if (this.#strings) return this.#strings.toStrings();
    const decoder = new TextDecoder();
    return (this.data as readonly Uint8Array[]).map((bytes) => decoder.decode(bytes));
  }

  /** Row `index` of axis 0 as a tensor of one axis less. Shares memory. @throws ServingError (INVALID_ARGUMENT) out of range */
  row(index: number): Tensor<D> {
    return row(this, index);
  }

  /** `Tensor(float32 [2, 3])`: what a log shows. Never the elements. */
  toString(): string {
    return `Tensor(${this.dtype} ${formatShape(this.shape)})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function checkData(dtype: DType, shape: Shape, size: number, data: unknown): void {
  if (dtype === "string") {
    if (!Array.isArray(data)) throw invalidArgument(`string tensor: data must be an array of Uint8Array, got ${describe(data)}`);
    if (data.length !== size) throw misfit(dtype, shape, size, data.length);
    return;
  }
  const { array, valuesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
  // Compared by name and width, not by identity: arrays of another realm (a worker, a test's VM) are as good.
  if (!ArrayBuffer.isView(data) || data[Symbol.toStringTag as never] !== array.name) {
    if (!(array === (Uint8Array as unknown) && data instanceof Uint8Array)) {
      throw invalidArgument(`${dtype} tensor: data must be ${article(array.name)}, got ${describe(data)}`);
    }
  }
  const length = (data as unknown as { length: number }).length;
  if (length !== size * valuesPerElement) throw misfit(dtype, shape, size, length / valuesPerElement);
}

function misfit(dtype: DType, shape: Shape, size: number, found: number): Error {
  return invalidArgument(`${dtype} tensor: shape ${formatShape(shape)} holds ${size} elements, data has ${found}`);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return article(value.constructor?.name ?? "an object");
}

function article(name: string): string {
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}
