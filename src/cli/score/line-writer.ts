import type { Writable } from "node:stream";

/** Lines are written together once they are this long, and at the latest when the event loop comes round. */
const TOGETHER = 2 ** 16;

/** Writes lines to a stream, no faster than it takes them. */
export class LineWriter {
  readonly #stream: Writable;
  #text = "";
  #isFlushDue = false;
  /** Under way while the stream has no room. */
  #draining: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", (error) => {
      this.#failure = error;
    });
  }

  /** Whether nobody reads any more. */
  get isCutOff(): boolean {
    return this.#failure !== undefined || this.#stream.destroyed;
  }

  /** Undefined where the stream takes more at once. @throws what the stream failed with, but for a reader that has left */
  write(lines: string): Promise<void> | undefined {
    this.#text += lines;
    if (this.#text.length >= TOGETHER) return this.flush();
    if (!this.#isFlushDue) {
      this.#isFlushDue = true;
      setImmediate(() => {
        this.#isFlushDue = false;
        // What is wrong with the stream is told by its event.
        void this.flush().catch(() => {});
      });
    }
    return undefined;
  }

  /** Settles when the stream has taken all of it. @throws what the stream failed with, but for a reader that has left */
  async flush(): Promise<void> {
    await this.#draining;
    const text = this.#text;
    this.#text = "";
    if (this.#failure !== undefined && (this.#failure as NodeJS.ErrnoException).code !== "EPIPE") throw this.#failure;
    if (text === "" || this.isCutOff || this.#stream.write(text)) return;
    this.#draining ??= this.#drain();
    await this.#draining;
  }

  async #drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      const go = () => {
        for (const event of EVENTS) this.#stream.off(event, go);
        resolve();
      };
      for (const event of EVENTS) this.#stream.on(event, go);
    });
    this.#draining = undefined;
  }
}

/** A stream that has room again, or never will. */
const EVENTS = ["drain", "close", "error"] as const;
