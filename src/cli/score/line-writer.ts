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
  /** As the stream told it: the process's own streams forget it. */
  #failure: NodeJS.ErrnoException | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", (error) => {
      this.#failure ??= error;
    });
  }

  /** Whether the stream takes no more. */
  get isCutOff(): boolean {
    return this.#failure !== undefined || this.#stream.destroyed;
  }

  /** Undefined where the stream takes more at once. @throws Error with what the stream failed with, but for a reader that has left */
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

  /** Settles when the stream has taken all of it. @throws Error with what the stream failed with, but for a reader that has left */
  async flush(): Promise<void> {
    await this.#draining;
    const text = this.#text;
    this.#text = "";
    if (text !== "" && !this.isCutOff && !this.#stream.write(text)) {
      this.#draining ??= this.#drain();
      await this.#draining;
    }
    this.#throwFailure();
  }

  /** Writes what is left and ends the stream. @throws Error with what the stream failed with, but for a reader that has left */
  async end(): Promise<void> {
    await this.flush();
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
    this.#throwFailure();
  }

  #throwFailure(): void {
    const failure: NodeJS.ErrnoException | null = this.#failure ?? this.#stream.errored;
    if (failure === null || failure.code === "EPIPE") return;
    throw new Error(`cannot write what was scored: ${failure.message}`, { cause: failure });
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
