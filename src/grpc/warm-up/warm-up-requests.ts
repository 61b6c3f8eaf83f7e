import { ServingError } from "../../errors/serving-error.ts";
import { quote } from "../../internal/quote.ts";
import { DecodeBudget } from "../wire/decode-limits.ts";
import { type LoggedPredict, readPredictionLog } from "./prediction-log.ts";
import { recordsOf } from "./records.ts";

/** What a warm-up file holds. */
export interface WarmUpRequests {
  readonly predicts: readonly LoggedPredict[];
  /** How many logs of other kinds there are, by kind. */
  readonly others: ReadonlyMap<string, number>;
}

/** The limit of a file. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Reads a file of warm-up requests: a TFRecord file of PredictionLog messages. Pure; takes `file` over. What is read
 * takes twice `maxBytes` of memory at most.
 *
 * @throws Error that says which record is wrong, and how
 * @see tensorflow_serving/g3doc/saved_model_warmup.md
 */
export function readWarmUpRequests(file: Buffer, maxBytes = MAX_FILE_BYTES): WarmUpRequests {
  const budget = new DecodeBudget(maxBytes);
  const predicts: LoggedPredict[] = [];
  const others = new Map<string, number>();
  let index = 0;
  for (const record of recordsOf(file)) {
    const log = logOf(record, index++, budget, maxBytes);
    if (typeof log === "string") others.set(log, (others.get(log) ?? 0) + 1);
    else predicts.push(log);
  }
  return { predicts, others };
}

function logOf(record: Buffer, index: number, budget: DecodeBudget, maxBytes: number): LoggedPredict | string {
  try {
    return readPredictionLog(record, budget);
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    const problem =
      error.kind === "too_large" ? `with it more than ${2 * maxBytes} bytes of memory are needed` : error.rawMessage;
    throw new Error(`record ${index}: ${problem}`, { cause: error });
  }
}

/** The requests for one signature. @throws Error that says what the file has instead */
export function predictsFor({ predicts, others }: WarmUpRequests, signatureName: string): readonly LoggedPredict[] {
  const found = predicts.filter((each) => each.signatureName === signatureName);
  if (found.length > 0) return found;
  const names = [...new Set(predicts.map((each) => quote(each.signatureName)))].slice(0, 10);
  const has = [
    ...(names.length === 0 ? [] : [`predict requests for ${names.join(", ")}`]),
    ...[...others].map(([kind, count]) => `${count} of kind ${kind}`),
  ];
  throw new Error(
    `it has no predict request for signature ${quote(signatureName)}; it has ${has.join(", ") || "no record at all"}`,
  );
}
