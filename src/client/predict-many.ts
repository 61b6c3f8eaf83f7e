import type { PredictResponse } from "../contract/predict.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { ServingError } from "../errors/serving-error.ts";
import { Cancellation } from "../internal/cancellation.ts";
import { describeType } from "../internal/describe-value.ts";
import { type Following, followSignal } from "../policies/abort.ts";
import type {
  ManyInputs,
  ModelInputs,
  ModelPredictOptions,
  PredictManyOptions,
  PredictManyResult,
} from "./model-handle.ts";
import { checkManyOptions } from "./model-options.ts";

/** Where calls share no requests: as many as keep a server of some cores busy. */
const DEFAULT_CONCURRENCY = 16;

/** What `predictMany` needs of its handle. */
export interface ManyHost {
  /** Predicts one item, as a call of its own; ends when the cancellation fires. */
  readonly predict: (inputs: ModelInputs, until: Cancellation) => Promise<PredictResponse>;
  /** How many rows go into a request, where calls share them. */
  readonly maxBatchSize: number | undefined;
}

/**
 * Predicts item after item, some at a time, for as long as somebody takes the results.
 *
 * @throws ServingError (INVALID_ARGUMENT) for options or items that cannot be
 */
export async function* predictMany(
  items: ManyInputs,
  options: PredictManyOptions,
  host: ManyHost,
): AsyncGenerator<PredictManyResult, void, undefined> {
  checkManyOptions(options);
  const run = new Run(iteratorOf(items), options, host);
  try {
    for (;;) {
      run.readAhead();
      const result = run.take();
      if (result !== undefined) yield result;
      else if (run.isOver()) return;
      else await run.change();
    }
  } finally {
    await run.end();
  }
}

type Source = Iterator<ModelInputs> | AsyncIterator<ModelInputs>;

/** One run over the items: what was read, what is under way, and what has not been taken yet. */
class Run {
  readonly #source: Source;
  readonly #options: PredictManyOptions;
  readonly #host: ManyHost;
  /** Items that are read and not taken: what a run holds in memory, whatever the number of items. */
  readonly #window: number;
  readonly #cancellation = new Cancellation();
  readonly #following: Following;
  /** By index, in the order in which they were answered. */
  readonly #answered = new Map<number, PredictManyResult>();
  /** Turned away by a full queue of this client: they go again when others are done. */
  readonly #turnedAway: [index: number, inputs: ModelInputs][] = [];
  readonly #progress = { read: 0, done: 0, failed: 0 };
  #underWay = 0;
  #taken = 0;
  #isReading = false;
  #isRead = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(source: Source, options: PredictManyOptions, host: ManyHost) {
    this.#source = source;
    this.#options = options;
    this.#host = host;
    const fallback = host.maxBatchSize === undefined ? DEFAULT_CONCURRENCY : 2 * host.maxBatchSize;
    this.#window = options.concurrency ?? fallback;
    this.#cancellation.onCancel((error) => this.#fail(error));
    this.#following = followSignal(options.signal, this.#cancellation);
  }

  /** Goes on reading while there is room; does not wait for it. */
  readAhead(): void {
    if (!this.#isReading && !this.#isRead) void this.#read();
  }

  /** The next result, where there is one; undefined also while an earlier one is missing and the order counts. */
  take(): PredictManyResult | undefined {
    if (this.#failure !== undefined && this.#cancellation.cancelled) return undefined;
    const [index] = this.#options.ordered === false ? this.#answered.keys() : [this.#taken];
    const result = index === undefined ? undefined : this.#answered.get(index);
    if (result === undefined) return undefined;
    this.#answered.delete(result.index);
    this.#taken++;
    return result;
  }

  /** Whether there is nothing to come. @throws what ended the run early, after the results before it were taken */
  isOver(): boolean {
    if (this.#failure !== undefined && (this.#cancellation.cancelled || this.#taken === this.#progress.read)) {
      throw this.#failure.error;
    }
    return this.#isRead && this.#taken === this.#progress.read;
  }

  /** Waits for something to happen. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Ends what is under way, and tells the source that no more is wanted. */
  async end(): Promise<void> {
    this.#following.letGo();
    this.#cancellation.cancel(new Error("nobody takes the results any more"));
    if (this.#isRead) return;
    this.#isRead = true;
    // A source that is being asked at this moment answers first: nobody waits for that.
    const returned = this.#source.return?.();
    if (!this.#isReading) await returned;
    else if (returned instanceof Promise) returned.catch(() => {});
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      while (!this.#isRead && this.#progress.read - this.#taken < this.#window) {
        const next = await this.#source.next();
        if (this.#isRead) break;
        if (next.done) this.#isRead = true;
        else void this.#predict(this.#progress.read++, next.value);
      }
    } catch (error) {
      this.#isRead = true;
      this.#fail(error);
    } finally {
      this.#isReading = false;
      this.#notify();
    }
  }

  async #predict(index: number, inputs: ModelInputs): Promise<void> {
    this.#underWay++;
    let result: PredictManyResult;
    try {
      result = { index, response: await this.#host.predict(inputs, this.#cancellation) };
    } catch (error) {
      if (this.#underWay > 1 && isTurnedAway(error)) {
        this.#underWay--;
        this.#turnedAway.push([index, inputs]);
        return;
      }
      result = { index, error };
      this.#progress.failed++;
      if (isClosed(error)) this.#cancellation.cancel(error);
    }
    this.#underWay--;
    this.#progress.done++;
    this.#answered.set(index, result);
    if (!this.#cancellation.cancelled) this.#tellProgress();
    for (const [again, item] of this.#turnedAway.splice(0)) void this.#predict(again, item);
    this.#notify();
  }

  #tellProgress(): void {
    try {
      this.#options.onProgress?.({ ...this.#progress });
    } catch (error) {
      this.#cancellation.cancel(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** The options of each prediction: what is left without those of the run. */
export function eachOptions(options: PredictManyOptions): ModelPredictOptions {
  const { concurrency: _, ordered: _ordered, onProgress: _onProgress, signal: _signal, ...each } = options;
  return each;
}

/** Refused by a queue of this client, before anything was sent. */
function isTurnedAway(error: unknown): boolean {
  return error instanceof ServingError && error.kind === "overloaded" && error.attempts.length === 0;
}

/** Nothing that follows could do better. */
function isClosed(error: unknown): boolean {
  return error instanceof ServingError && error.kind === "closed";
}

function iteratorOf(items: ManyInputs): Source {
  const { [Symbol.asyncIterator]: asyncly, [Symbol.iterator]: plainly } = Object(items) as Partial<
    AsyncIterable<ModelInputs> & Iterable<ModelInputs>
  >;
  const iterate = (asyncly ?? plainly) as (() => Source) | undefined;
  if (typeof iterate !== "function" || typeof items === "string") {
    throw invalidArgument(
      `predictMany: items must be iterable, such as an array of inputs or an async generator, got ${describeType(items)}`,
    );
  }
  return iterate.call(items);
}
