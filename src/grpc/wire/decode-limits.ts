import { tooLargeError } from "../../errors/decode-error.ts";
import { WireFault } from "./wire-fault.ts";

/** The most elements a received tensor may have, however few bytes it came in. */
export const MAX_ELEMENTS = 2 ** 27;

/**
 * What one reply may ask for, over all its tensors and results: twice `maxMessageBytes`, since an int64 of one byte on
 * the wire takes eight in memory; and once that beyond what it brought. A shape of a thousand million elements with one value fits into
 * thirty bytes (TensorFlow repeats the last value).
 */
export class DecodeBudget {
  readonly #maxMessageBytes: number;
  #fill: number;
  #left: number;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#fill = maxMessageBytes;
    this.#left = 2 * maxMessageBytes;
  }

  /** Takes `bytes` for a tensor with fewer values than elements. */
  takeFill(bytes: number): void {
    this.#fill -= bytes;
    if (this.#fill < 0) {
      throw new WireFault(
        `repeats its last value to fill ${bytes} bytes; a reply may fill up to maxMessageBytes, ${this.#maxMessageBytes}, in all`,
      );
    }
  }

  /**
   * Takes `bytes` for what is about to be read.
   *
   * @throws ServingError (RESOURCE_EXHAUSTED, kind too_large) when there are not as many left
   */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    const taken = 2 * this.#maxMessageBytes - this.#left;
    throw tooLargeError(
      `the reply takes ${taken} bytes or more when it is read, twice the limit of ${this.#maxMessageBytes} (maxMessageBytes) at most are allowed`,
    );
  }
}
