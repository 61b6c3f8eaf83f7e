import { DEFAULT_SIGNATURE } from "../../contract/signature.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { decoding } from "../codec.ts";
import { ModelSpecFields } from "../model-spec.ts";
import type { DecodeBudget } from "../wire/decode-limits.ts";
import { TensorEntries } from "../wire/tensor-entry.ts";
import { WireReader } from "../wire/wire-reader.ts";

/** A predict request that was written down. */
export interface LoggedPredict {
  readonly signatureName: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** What else a log may hold, by field number. */
const KINDS: Readonly<Record<number, string>> = {
  2: "classify",
  3: "regress",
  4: "multi-inference",
  5: "session run",
  6: "predict",
  7: "streamed predict",
};
const PREDICT = 6;
/** All fields that this schema has are messages. */
const KNOWN = 0b1111_1110;

/**
 * Reads a PredictionLog: the request of a predict log, or what else it is a log of.
 *
 * @throws ServingError (kind `decode`, or `too_large` where the budget is spent)
 * @see tensorflow_serving/apis/prediction_log.proto
 */
export function readPredictionLog(bytes: Buffer, budget: DecodeBudget): LoggedPredict | string {
  return decoding("PredictionLog", () => {
    const reader = new WireReader(bytes);
    let kind = 0;
    let request = new PredictFields(budget);
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      const field = tag >>> 3;
      if ((tag & 7) === 2 && field in KINDS) {
        // One of: another kind that comes later takes the place of the one before.
        if (field !== kind) request = new PredictFields(budget);
        kind = field;
        if (field === PREDICT) {
          readPredictLog(reader, request);
          continue;
        }
      }
      reader.skip(tag, (tag & 7) === 2 ? 0 : KNOWN);
    }
    if (kind !== PREDICT) return KINDS[kind] ?? "nothing";
    return { signatureName: request.spec.signatureName || DEFAULT_SIGNATURE, inputs: request.entries.tensors };
  });
}

class PredictFields {
  readonly spec = new ModelSpecFields();
  readonly entries: TensorEntries;

  constructor(budget: DecodeBudget) {
    this.entries = new TensorEntries("inputs", budget);
  }
}

/** PredictLog: the request is its first field, the response after it is not looked at. */
function readPredictLog(reader: WireReader, request: PredictFields): void {
  const outer = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) readPredictRequest(reader, request);
    else reader.skip(tag, 0b10);
  }
  reader.leave(outer);
}

function readPredictRequest(reader: WireReader, { spec, entries }: PredictFields): void {
  const outer = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) spec.read(reader);
    else if (tag === 18) entries.read(reader);
    else reader.skip(tag, 0b110);
  }
  reader.leave(outer);
}
