/** One attempt as a server saw it: from its first byte there. */
export interface Arrival {
  readonly at: number;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
  /** Number of the call, once the request has been read that far. */
  call: number | undefined;
  /** False when the server told that it never worked on it, as REFUSED_STREAM and a low GOAWAY do. */
  processed: boolean;
}

/** A server's side of the ledger. */
export class Arrivals {
  readonly all: Arrival[] = [];
  readonly #keep: boolean;

  constructor(keep = true) {
    this.#keep = keep;
  }

  add(connection: number): Arrival {
    const arrival: Arrival = { at: performance.now(), connection, call: undefined, processed: true };
    if (this.#keep) this.all.push(arrival);
    return arrival;
  }

  /** Attempts of one call that the server took on. */
  of(call: number): Arrival[] {
    return this.all.filter((arrival) => arrival.call === call && arrival.processed);
  }

  /** How many attempts came altogether, refused ones too. */
  get count(): number {
    return this.all.length;
  }
}

/** The number in a model's name: what travels with a call on both wires in plain text. */
export function modelOf(call: number): string {
  return `call-${call}`;
}

export function callIn(text: string): number | undefined {
  const found = /call-(\d+)/.exec(text);
  return found === null ? undefined : Number(found[1]);
}
