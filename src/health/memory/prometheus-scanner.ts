import { endOfName, type PrometheusSample, parsePrometheusLine } from "./parse-prometheus-line.ts";

export interface ScanLimits {
  readonly maxLineBytes: number;
  readonly maxPageBytes: number;
  /** Samples handed on; more are counted and left out. */
  readonly maxSamples: number;
}

export const SCAN_LIMITS: ScanLimits = {
  maxLineBytes: 64 * 1024,
  maxPageBytes: 32 * 1024 * 1024,
  maxSamples: 100_000,
};

/** What was left out of a page. */
export interface ScanReport {
  /** Whether anything was left out that may have been wanted. */
  readonly partial: boolean;
  readonly longLines: number;
  readonly brokenLines: number;
  readonly surplusSamples: number;
  readonly tooLong: boolean;
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HASH = 0x23;

/**
 * Reads a page of metrics as it comes in, in whatever pieces, and never holds more than one line of it.
 *
 * A line end inside quotes belongs to the label: TensorFlow Serving does not escape them, and model names are what its
 * clients send. Read as a line of its own the rest of such a name could pass for a sample.
 */
export class PrometheusScanner {
  readonly #wanted: (name: string) => boolean;
  readonly #onSample: (sample: PrometheusSample) => void;
  readonly #limits: ScanLimits;
  readonly #line: Buffer;
  #length = 0;
  #pageBytes = 0;
  #quoted = false;
  #escaped = false;
  #comment = false;
  #skipping = false;
  #longLines = 0;
  #brokenLines = 0;
  #samples = 0;
  #surplusSamples = 0;
  #tooLong = false;

  constructor(
    wanted: (name: string) => boolean,
    onSample: (sample: PrometheusSample) => void,
    limits: ScanLimits = SCAN_LIMITS,
  ) {
    this.#wanted = wanted;
    this.#onSample = onSample;
    this.#limits = limits;
    this.#line = Buffer.allocUnsafe(limits.maxLineBytes);
  }

  /** Takes the next piece. `false`: the page is too long, no more is read. */
  push(chunk: Uint8Array): boolean {
    const left = this.#limits.maxPageBytes - this.#pageBytes;
    this.#pageBytes += chunk.length;
    this.#tooLong = chunk.length > left;
    const end = Math.min(chunk.length, left);
    for (let i = 0; i < end; i++) this.#take(chunk[i]!);
    return !this.#tooLong;
  }

  /** The page is over. */
  end(): ScanReport {
    // A page that was cut ends in the middle of a line, which may look whole.
    if (!this.#tooLong) this.#endLine();
    return {
      partial: this.#tooLong || this.#longLines > 0 || this.#brokenLines > 0 || this.#surplusSamples > 0,
      longLines: this.#longLines,
      brokenLines: this.#brokenLines,
      surplusSamples: this.#surplusSamples,
      tooLong: this.#tooLong,
    };
  }

  #take(byte: number): void {
    if (byte === NEWLINE && (!this.#quoted || this.#skipping)) {
      this.#endLine();
      return;
    }
    if (this.#skipping) return;
    if (this.#length === 0 && byte === HASH) this.#comment = true;
    if (this.#comment) {
      this.#length = 1;
      return;
    }
    if (this.#length === this.#limits.maxLineBytes) {
      this.#skipping = true;
      this.#longLines++;
      return;
    }
    this.#line[this.#length++] = byte;
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = this.#quoted;
    else if (byte === QUOTE) this.#quoted = !this.#quoted;
  }

  #endLine(): void {
    const whole = !this.#skipping && !this.#comment && this.#length > 0;
    if (whole) this.#read(this.#line.toString("utf8", 0, this.#length).trim());
    this.#length = 0;
    this.#quoted = false;
    this.#escaped = false;
    this.#comment = false;
    this.#skipping = false;
  }

  #read(line: string): void {
    if (line === "" || line.startsWith("#")) return;
    const name = line.slice(0, endOfName(line));
    if (name !== "" && !this.#wanted(name)) return;
    const sample = parsePrometheusLine(line);
    if (sample === undefined) this.#brokenLines++;
    else if (this.#samples >= this.#limits.maxSamples) this.#surplusSamples++;
    else {
      this.#samples++;
      this.#onSample(sample);
    }
  }
}
