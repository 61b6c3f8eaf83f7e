import type { ResponseInfo } from "../../../src/contract/call-options.ts";
import type { PredictResponse } from "../../../src/contract/predict.ts";
import type { Attempt } from "../../../src/errors/serving-error.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";

/** How one call ended, from the client's side of the ledger. */
export interface Outcome {
  readonly call: number;
  /** Of a call that went well. */
  readonly value: PredictResponse | undefined;
  /** Of one that did not. Undefined as well when it rejected with something else. */
  readonly error: ServingError | undefined;
  /** What it rejected with, whatever that is. */
  readonly rejection: unknown;
  readonly startedAt: number;
  readonly settledAt: number;
  readonly durationMs: number;
  /** Later than its deadline; negative while there was time left. */
  readonly lateMs: number;
  /** As `onResponse` was told. */
  readonly attempts: readonly Attempt[];
  /** How often `onResponse` was called. Once is right. */
  readonly reports: number;
  /** An answer that is not the call's own number. */
  readonly isWrong: boolean;
}

/** Every call of a test with its end. */
export class ClientLedger {
  readonly outcomes: Outcome[] = [];
  /** Calls that have not ended. */
  pending = 0;
  #calls = 0;

  async run(
    start: (call: number, onResponse: (info: ResponseInfo) => void) => Promise<PredictResponse>,
    options: { readonly timeoutMs?: number | undefined },
  ): Promise<Outcome> {
    const call = ++this.#calls;
    let reports = 0;
    let attempts: readonly Attempt[] = [];
    let value: PredictResponse | undefined;
    let rejection: unknown;
    this.pending++;
    const startedAt = performance.now();
    try {
      value = await start(call, (info) => {
        reports++;
        attempts = info.attempts;
      });
    } catch (error) {
      rejection = error;
    }
    const settledAt = performance.now();
    this.pending--;
    const durationMs = settledAt - startedAt;
    const outcome: Outcome = {
      call,
      value,
      error: rejection instanceof ServingError ? rejection : undefined,
      rejection,
      startedAt,
      settledAt,
      durationMs,
      lateMs: durationMs - (options.timeoutMs ?? Number.POSITIVE_INFINITY),
      attempts,
      get reports() {
        return reports;
      },
      isWrong: value !== undefined && firstElement(value) !== Math.fround(call),
    };
    this.outcomes.push(outcome);
    return outcome;
  }
}

function firstElement({ outputs }: PredictResponse): unknown {
  return Object.values(outputs)[0]?.data[0];
}
