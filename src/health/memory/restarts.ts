/** Counts how often what identifies a process has changed: its start time, its container's id. */
export class Restarts {
  #last: string | undefined;
  #count = 0;

  /** @param identity `undefined` where the source does not tell: nothing is counted then */
  note(identity: string | undefined): number {
    if (identity !== undefined) {
      if (this.#last !== undefined && identity !== this.#last) this.#count++;
      this.#last = identity;
    }
    return this.#count;
  }
}
