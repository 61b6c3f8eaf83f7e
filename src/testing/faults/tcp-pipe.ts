import type { Socket } from "node:net";
import type { Cancellation } from "../../internal/cancellation.ts";
import { pause } from "../waiting.ts";
import type { SlicerToxic, Toxic } from "./toxic.ts";

/** What is kept in the pipe before the sender has to wait. */
const HELD_BYTES = 256 * 1024;

export interface TcpPipeSettings {
  readonly from: Socket;
  readonly to: Socket;
  /** The toxics that meet this direction of this connection now, in the order in which they were added. */
  readonly toxics: () => readonly Toxic[];
  readonly random: () => number;
  /** The whole connection is over. */
  readonly ended: Cancellation;
  /** Ends the whole connection, as a server that has nothing more to say. */
  readonly close: () => void;
}

/** Carries one direction of a proxied connection: takes bytes from a socket, does what the toxics say, passes them on. */
export function pipeTcp(settings: TcpPipeSettings): void {
  const pipe = new TcpPipe(settings);
  // Every wait of it ends with the connection, and by nothing else.
  pipe.run().catch(() => {});
}

class TcpPipe {
  readonly #settings: TcpPipeSettings;
  readonly #queue: { readonly chunk: Buffer; readonly receivedAt: number }[] = [];
  #heldBytes = 0;
  #passedBytes = 0;
  #sourceEnded = false;
  #wake: (() => void) | undefined;

  constructor(settings: TcpPipeSettings) {
    this.#settings = settings;
    const { from } = settings;
    from.on("data", (chunk: Buffer) => {
      this.#queue.push({ chunk, receivedAt: performance.now() });
      this.#heldBytes += chunk.length;
      if (this.#heldBytes > HELD_BYTES) from.pause();
      this.#wake?.();
    });
    from.on("end", () => {
      this.#sourceEnded = true;
      this.#wake?.();
    });
  }

  async run(): Promise<void> {
    const { from, to, ended } = this.#settings;
    while (true) {
      const item = this.#queue.shift();
      if (item !== undefined) {
        this.#heldBytes -= item.chunk.length;
        if (this.#heldBytes <= HELD_BYTES) from.resume();
        await this.#pass(item.chunk, item.receivedAt);
      } else if (this.#sourceEnded) {
        const slow = this.#find("slowClose");
        if (slow !== undefined) await pause(slow.delayMs, ended);
        to.end();
        return;
      } else {
        await this.#more();
      }
    }
  }

  async #pass(chunk: Buffer, receivedAt: number): Promise<void> {
    const { ended, random } = this.#settings;
    const latency = this.#find("latency");
    if (latency !== undefined) {
      const jitterMs = (latency.jitterMs ?? 0) * (2 * random() - 1);
      const waitMs = receivedAt + latency.latencyMs + jitterMs - performance.now();
      if (waitMs > 0) await pause(waitMs, ended);
    }
    const slicer = this.#find("slicer");
    if (slicer === undefined) return this.#write(chunk);
    for (let start = 0; start < chunk.length; ) {
      const end = Math.min(chunk.length, start + sliceBytes(slicer, random));
      await this.#write(chunk.subarray(start, end));
      start = end;
      if (slicer.delayMs !== undefined && start < chunk.length) await pause(slicer.delayMs, ended);
    }
  }

  async #write(chunk: Buffer): Promise<void> {
    const { to, ended, close } = this.#settings;
    const bandwidth = this.#find("bandwidth");
    if (bandwidth !== undefined) await pause((1_000 * chunk.length) / bandwidth.bytesPerSecond, ended);
    if (this.#find("blackHole") !== undefined) return;
    const limit = this.#find("limitData")?.bytes ?? Number.POSITIVE_INFINITY;
    const allowed = chunk.subarray(0, Math.max(0, limit - this.#passedBytes));
    this.#passedBytes += allowed.length;
    if (allowed.length > 0 && !to.write(allowed)) await this.#drained();
    if (this.#passedBytes >= limit) close();
  }

  #find<K extends Toxic["toxic"]>(kind: K): Extract<Toxic, { toxic: K }> | undefined {
    return this.#settings.toxics().find((each): each is Extract<Toxic, { toxic: K }> => each.toxic === kind);
  }

  #more(): Promise<void> {
    return this.#until((resolve) => {
      this.#wake = resolve;
    });
  }

  #drained(): Promise<void> {
    return this.#until((resolve) => this.#settings.to.once("drain", resolve));
  }

  #until(arm: (resolve: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const release = this.#settings.ended.onCancel(reject);
      arm(() => {
        release();
        resolve();
      });
    });
  }
}

function sliceBytes({ averageBytes, variationBytes = 0 }: SlicerToxic, random: () => number): number {
  return Math.max(1, Math.round(averageBytes + variationBytes * (2 * random() - 1)));
}
