import type { PredictRequest } from "../../contract/predict.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { OutgoingModelSpec } from "../model-spec.ts";
import { writeElements } from "../tensor.ts";
import { InputLayout } from "./input-layout.ts";
import { roomFor, Stamp } from "./stamp.ts";
import { sizeOfField, sizeOfText, writeHead, writeText } from "./wire-writer.ts";

const NONE: readonly string[] = [];

/** What a template may hold on to: enough for a hundred short inputs. */
const MAX_HELD_BYTES = 16 * 1024;

/**
 * All of a PredictRequest but its tensors' elements, which is the same for call after call: sized when it is made,
 * written the first time, copied from then on.
 *
 * On the wire it is a row of pieces with a tensor's elements behind each but the last: the model and the head of the
 * first input, the heads of the others one by one, the output filter.
 *
 * @see tensorflow_serving/apis/predict.proto
 */
export class PredictTemplate {
  /** Bytes of the whole message. */
  readonly length: number;
  /** Whether other requests can be of this length, and little is held for them. */
  readonly isWorthKeeping: boolean;
  readonly #spec: OutgoingModelSpec;
  readonly #inputs: readonly InputLayout[];
  readonly #outputFilter: readonly string[];
  #isWritten = false;
  #stamps: readonly Stamp[] | undefined;

  /**
   * Made for a request and its tensors, in the order of their names.
   *
   * @throws ServingError (INVALID_ARGUMENT) for a version that there cannot be, and for one beside a label
   */
  constructor(request: PredictRequest, tensors: readonly Tensor[]) {
    const { inputs, outputFilter = NONE } = request;
    this.#spec = new OutgoingModelSpec(request);
    this.#outputFilter = outputFilter.length === 0 ? NONE : outputFilter.slice();
    let length = sizeOfField(this.#spec.size);
    for (const name of this.#outputFilter) length += sizeOfField(sizeOfText(name));
    let heldBytes = length;
    let isFixed = true;
    const layouts: InputLayout[] = [];
    const names = Object.keys(inputs);
    for (let index = 0; index < names.length; index++) {
      const layout = new InputLayout(names[index] as string, tensors[index] as Tensor);
      layouts.push(layout);
      length += layout.size;
      heldBytes += layout.size - layout.elementsSize + roomFor(layout.dtype, layout.elementsSize);
      isFixed &&= layout.dtype !== "string";
    }
    this.#inputs = layouts;
    this.length = length;
    this.isWorthKeeping = isFixed && heldBytes <= MAX_HELD_BYTES;
  }

  /** The tensors of a request that differs from this one's in nothing but elements; undefined when it does. */
  tensorsOf(request: PredictRequest): readonly Tensor[] | undefined {
    if (!this.#spec.says(request) || !sameNames(request.outputFilter ?? NONE, this.#outputFilter)) return undefined;
    const names = Object.keys(request.inputs);
    const layouts = this.#inputs;
    if (names.length !== layouts.length) return undefined;
    const tensors: Tensor[] = [];
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      const tensor = request.inputs[name] as Tensor;
      if (!(layouts[index] as InputLayout).fits(name, tensor)) return undefined;
      tensors.push(tensor);
    }
    return tensors;
  }

  /** Writes the message with the elements of `tensors`: those of the request it was made for, or of one that fits. */
  write(target: Buffer, offset: number, tensors: readonly Tensor[]): void {
    if (this.#isWritten) this.#stamps ??= this.#inputs.map((layout, index) => this.#makeStamp(layout, index));
    this.#isWritten = true;
    const stamps = this.#stamps;
    const layouts = this.#inputs;
    let pos = offset;
    for (let index = 0; index < layouts.length; index++) {
      const { data } = tensors[index] as Tensor;
      if (!(layouts[index] as InputLayout).takes(data)) throw inputChanged();
      if (stamps !== undefined) pos = (stamps[index] as Stamp).print(target, pos, data);
      else pos = writeElements(target, this.#writePiece(target, pos, index), data);
    }
    pos = this.#writePiece(target, pos, layouts.length);
    if (pos !== offset + this.length) throw inputChanged();
  }

  #makeStamp({ dtype, size, elementsSize }: InputLayout, index: number): Stamp {
    const piece = Buffer.allocUnsafe((index === 0 ? sizeOfField(this.#spec.size) : 0) + size - elementsSize);
    this.#writePiece(piece, 0, index);
    return new Stamp(piece, dtype, elementsSize);
  }

  #writePiece(target: Buffer, pos: number, index: number): number {
    if (index === 0) pos = this.#spec.write(target, writeHead(target, pos, 10, this.#spec.size));
    if (index < this.#inputs.length) return (this.#inputs[index] as InputLayout).writeHead(target, pos);
    for (const name of this.#outputFilter) {
      const size = sizeOfText(name);
      pos = writeText(target, writeHead(target, pos, 26, size), name, size);
    }
    return pos;
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

function inputChanged(): Error {
  return new Error("an input was changed while it was being sent");
}
