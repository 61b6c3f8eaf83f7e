import type { EventFault } from "./events.ts";
import type { OperationName } from "./operations.ts";

/** What every event of batching says: which calls it is about. */
interface About {
  readonly operation: OperationName;
  readonly model: string;
}

/** What batching did with calls: enough to judge its settings by. */
export type BatchEvent =
  | (About & {
      /** One request went out for one or more calls. */
      readonly type: "batchSent";
      readonly calls: number;
      readonly rows: number;
      /** Rows that were filled in to reach an allowed size. */
      readonly paddingRows: number;
      /** Bytes of the calls' tensors or examples. */
      readonly bytes: number;
      /** Bytes besides these that only fill up rows and lengths. */
      readonly paddingBytes: number;
      /** How long the oldest and all of its calls waited, in milliseconds; 0 for the halves of a refused batch. */
      readonly longestWaitMs: number;
      readonly totalWaitMs: number;
      /** Rows that go on waiting. */
      readonly rowsLeft: number;
      /**
       * Whose it is. What its attempts tell, they tell in the name of the first; a span of them can link to all.
       */
      readonly callIds: readonly string[];
      /** The `traceparent` headers that its calls brought: they travel with a request of one call alone. */
      readonly traceParents: readonly string[];
    })
  | (About & {
      /** The server refused a batch: it goes on in halves, to find out whose rows it cannot take. */
      readonly type: "batchHalved";
      readonly calls: number;
      readonly rows: number;
      readonly fault: EventFault;
    })
  | (About & {
      /** A call of more rows than a batch takes went out in parts. */
      readonly type: "callSplit";
      readonly rows: number;
      readonly parts: number;
    })
  | (About & {
      /** A call was rejected because the queue is full. */
      readonly type: "batchQueueFull";
      readonly rows: number;
      readonly rowsWaiting: number;
    });
