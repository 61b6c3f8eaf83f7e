import type { ModelChoice } from "../contract/model-spec.ts";
import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { Call, CallContext, Policy } from "../contract/transport.ts";
import { areAlike, BatchKeys } from "./batch-key.ts";
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
  /** Callers mostly ask what the one before them asked: then nobody needs a key. */
  let latest: Latest | undefined;

  return (next: Call) =>
    <O extends OperationName>(operation: O, request: RequestOf<O>, context: CallContext): Promise<ResponseOf<O>> => {
      type Asked = RequestOf<O> & ModelChoice;
      type Queue = BatchQueue<Asked, ResponseOf<O>>;
      const settings = context.batching;
      const kind = ROWS[operation] as RowKind<Asked, ResponseOf<O>> | undefined;
      if (settings === undefined || kind === undefined) return next(operation, request, context);
      const { cancellation } = context;
      // Who has left already waits for nothing, and a queue for them alone would never be idle and forgotten.
      if (cancellation.cancelled) return Promise.reject(cancellation.reason);
      const asked = request as Asked;
      const extent = kind.measure(asked, context);
      if (extent === undefined) return next(operation, request, context);
      if (
        latest?.operation === operation &&
        areAlike(latest.context, context) &&
        kind.areAlike(latest.asked as Asked, asked)
      ) {
        return (latest.queue as Queue).ask(asked, context, extent);
      }
      const key = `${keys.ofContext(operation, context)}|${kind.keyOf(asked, context)}`;
      let queue = queues.get(key) as Queue | undefined;
      if (queue === undefined) {
        const { model } = asked;
        const send = (shared: Asked, below: CallContext) => next(operation, shared, below);
        const onIdle = () => {
          queues.delete(key);
          if (latest?.queue === queue) latest = undefined;
        };
        queue = new BatchQueue({ operation, model, kind, settings, host, send, onIdle });
        queues.set(key, queue);
      }
      latest = { operation, asked, context, queue };
      return queue.ask(asked, context, extent);
    };
}

interface Latest {
  readonly operation: OperationName;
  readonly asked: unknown;
  readonly context: CallContext;
  readonly queue: unknown;
}
