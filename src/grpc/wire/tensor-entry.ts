import { quote } from "../../internal/quote.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { toTensor } from "../tensor.ts";
import type { DecodeBudget } from "./decode-limits.ts";
import { TensorFields } from "./tensor-fields.ts";
import { WireFault, within } from "./wire-fault.ts";
import type { WireReader } from "./wire-reader.ts";

/** More tensors than any model has; each costs memory that a few bytes do not pay for. */
const MAX_TENSORS = 2 ** 16;

/** The tensors by name of one message: its `inputs` or `outputs`. */
export class TensorEntries {
  readonly tensors: Record<string, Tensor> = Object.create(null);
  readonly #field: "inputs" | "outputs";
  readonly #budget: DecodeBudget;
  #count = 0;

  constructor(field: "inputs" | "outputs", budget: DecodeBudget) {
    this.#field = field;
    this.#budget = budget;
  }

  /** Reads one entry of the map. A name that comes twice counts once, the last time, as in every protobuf map. */
  read(reader: WireReader): void {
    if (++this.#count > MAX_TENSORS) throw new WireFault(`has more than ${MAX_TENSORS} ${this.#field}`);
    const outer = reader.enter();
    const fields = new TensorFields();
    let name = "";
    try {
      while (reader.pos < reader.end) {
        const tag = reader.tag();
        if (tag === 10) name = reader.string();
        else if (tag === 18) {
          const entryEnd = reader.enter();
          fields.read(reader);
          reader.leave(entryEnd);
        } else reader.skip(tag, 0b110);
      }
      this.tensors[name] = toTensor(fields, reader.bytes, this.#budget);
    } catch (error) {
      throw within(`${this.#field}[${quote(name)}]`, error);
    }
    reader.leave(outer);
  }
}
