import type { ModelChoice } from "../contract/model-spec.ts";
import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { Call, CallContext, Policy } from "../contract/transport.ts";
import { BatchKeys } from "./batch-key.ts";
import { type BatchingHost, BatchQueue } from "./batch-queue.ts";
import { CLASSIFY_ROWS, REGRESS_ROWS } from "./example-rows.ts";
import { PREDICT_ROWS } from "./predict-rows.ts";
import type { RowKind } from "./row-kind.ts";

/** The operations that have rows. */
const ROWS: { readonly [O in OperationName]?: RowKind<RequestOf<O> & ModelChoice, ResponseOf<O>> } = {
  predict: PREDICT_ROWS,
  classify: CLASSIFY_ROWS,
  regress: REGRESS_ROWS,
};

/**
 * Lets calls share requests, where their contexts ask for it and they fit together: several callers, one call below.
 *
 * It stands above whatever limits and repeats requests, so that these see one. Each caller keeps its own deadline and
 * abort, and one whose rows the server refuses fails alone. Nothing is kept of calls that have ended.
 */
export function batching(host: BatchingHost): Policy {
  const keys = new BatchKeys();
  const queues = new Map<string, unknown>();

  return (next: Call) =>
    async <O extends OperationName>(operation: O, request: RequestOf<O>, context: CallContext) => {
      type Asked = RequestOf<O> & ModelChoice;
      const settings = context.batching;
      const kind = ROWS[operation] as RowKind<Asked, ResponseOf<O>> | undefined;
      if (settings === undefined || kind === undefined) return next(operation, request, context);
      const asked = request as Asked;
      const extent = kind.measure(asked, context);
      if (extent === undefined) return next(operation, request, context);
      const key = `${keys.ofContext(operation, context)}|${kind.keyOf(asked, context)}`;
      let queue = queues.get(key) as BatchQueue<Asked, ResponseOf<O>> | undefined;
      if (queue === undefined) {
        const { model } = asked;
        const send = (shared: Asked, below: CallContext) => next(operation, shared, below);
        queue = new BatchQueue({ operation, model, kind, settings, host, send, onIdle: () => queues.delete(key) });
        queues.set(key, queue);
      }
      return queue.ask(asked, context, extent);
    };
}
