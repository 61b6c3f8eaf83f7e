import { type DataOf, type DType, FIXED_WIDTH } from "../../tensor/dtype.ts";
import { type Shape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { sizeOfTensor, type TensorSizes, writeTensorHead } from "../tensor.ts";
import { sizeOfField, sizeOfText, writeHead, writeText } from "./wire-writer.ts";

/** An entry of a request's `inputs` but for the tensor's elements: its name, dtype, shape, and the sizes on the wire. */
export class InputLayout {
  readonly dtype: DType;
  /** Bytes of the whole entry. */
  readonly size: number;
  /** Bytes of it that the elements take, which are its end. */
  readonly elementsSize: number;
  readonly #name: string;
  readonly #nameSize: number;
  readonly #shape: Shape;
  readonly #sizes: TensorSizes;
  readonly #entrySize: number;
  readonly #valueCount: number;

  constructor(name: string, tensor: Tensor) {
    const { dtype, shape, size } = tensor;
    this.#name = name;
    this.#nameSize = sizeOfText(name);
    this.dtype = dtype;
    this.#shape = shape.slice();
    this.#sizes = sizeOfTensor(tensor);
    this.#entrySize = sizeOfField(this.#nameSize) + sizeOfField(this.#sizes.total);
    this.#valueCount = dtype === "string" ? size : size * FIXED_WIDTH[dtype].valuesPerElement;
    this.size = sizeOfField(this.#entrySize);
    this.elementsSize = this.#sizes.elements;
  }

  /** Whether another input looks the same. */
  fits(name: string, { dtype, shape }: Tensor): boolean {
    return name === this.#name && dtype === this.dtype && sameShape(shape, this.#shape);
  }

  /** Whether these are as many elements as there were when it was sized. */
  takes(data: DataOf<DType>): boolean {
    return data.length === this.#valueCount;
  }

  /** Writes everything before the elements. Returns the position behind it. */
  writeHead(target: Buffer, pos: number): number {
    pos = writeHead(target, pos, 18, this.#entrySize);
    pos = writeText(target, writeHead(target, pos, 10, this.#nameSize), this.#name, this.#nameSize);
    pos = writeHead(target, pos, 18, this.#sizes.total);
    return writeTensorHead(target, pos, this.dtype, this.#shape, this.#sizes);
  }
}
