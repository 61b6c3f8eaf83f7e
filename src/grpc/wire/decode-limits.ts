import { WireFault } from "./wire-fault.ts";

/** The most elements a received tensor may have, however few bytes it came in. */
export const MAX_ELEMENTS = 2 ** 27;

/**
 * What one reply may ask for beyond what it brought. A shape of a thousand million elements with one value fits into
 * thirty bytes (TensorFlow repeats the last value), so memory that no received byte stands for is counted against
 * `maxMessageBytes`, over all tensors of the reply.
 */
export class DecodeBudget {
  readonly #maxMessageBytes: number;
  #left: number;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#left = maxMessageBytes;
  }

  /** Takes `bytes` for a tensor with fewer values than elements. */
  takeFill(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) {
      throw new WireFault(
        `repeats its last value to fill ${bytes} bytes; a reply may fill up to maxMessageBytes, ${this.#maxMessageBytes}, in all`,
      );
    }
  }
}
