import type { BatchEvent } from "../contract/batch-event.ts";
import type { BatchingSettings } from "../contract/batching.ts";
import type { ModelChoice } from "../contract/model-spec.ts";
import type { OperationName } from "../contract/operations.ts";
import type { CallContext } from "../contract/transport.ts";
import { ServingError } from "../errors/serving-error.ts";
import { childOf } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";
import { type Batch, Batcher } from "./batcher.ts";
import { Member } from "./member.ts";
import { copyOf, isRequestFault } from "./request-fault.ts";
import type { Extent, RowKind } from "./row-kind.ts";
import { SharedCall } from "./shared-call.ts";

/** What batching needs to know of the client that it works for. */
export interface BatchingHost {
  readonly clock: Clock;
  /** Where requests go, for a call that is left before anybody can tell. */
  readonly endpoint: string;
  /** How many servers there are to send to at this moment. */
  readonly replicas: () => number;
  /** Tells what happened, and does not throw. The event is put together for listeners alone. */
  readonly tell: (event: () => BatchEvent) => void;
}

/** What all calls of one queue have in common. */
export interface QueueOptions<Q extends ModelChoice, R> {
  readonly operation: OperationName;
  readonly model: string;
  readonly kind: RowKind<Q, R>;
  readonly settings: BatchingSettings;
  readonly host: BatchingHost;
  readonly send: (request: Q, context: CallContext) => Promise<R>;
  readonly onIdle: () => void;
}

/** Calls that may share requests, from their coming to their answers. */
export class BatchQueue<Q extends ModelChoice, R> {
  readonly #options: QueueOptions<Q, R>;
  readonly #batcher: Batcher<Member<Q, R>>;
  readonly #takeOut = (member: Member<Q, R>) => void this.#batcher.remove(member);

  constructor(options: QueueOptions<Q, R>) {
    this.#options = options;
    const { settings, kind, host } = options;
    const { maxBatchSize, maxBatchBytes, maxEnqueuedBatches } = settings;
    const isPadded = settings.padVariableLengthInputs && kind.tally !== undefined;
    const { maxInFlight } = settings;
    const limits = {
      maxSize: maxBatchSize,
      maxBytes: maxBatchBytes,
      timeoutMs: settings.batchTimeoutMs,
      maxWaitingSize: maxBatchSize * maxEnqueuedBatches,
      maxWaitingBytes: maxBatchBytes * maxEnqueuedBatches,
      slots: () => maxInFlight ?? host.replicas(),
      // One that is full lies ready at the server while the answer to the last one travels.
      slotsForFull: maxInFlight === undefined ? () => 2 * host.replicas() : undefined,
      tally: isPadded ? () => toMemberTally<Q, R>(kind.tally!()) : undefined,
      onIdle: options.onIdle,
    };
    this.#batcher = new Batcher(limits, host.clock, ({ items, longestWaitMs, totalWaitMs }, free) =>
      this.#send(items, { longestWaitMs, totalWaitMs }, free),
    );
  }

  /** Rejects with ServingError (RESOURCE_EXHAUSTED, kind `overloaded`) when too much waits already */
  ask(request: Q, context: CallContext, extent: Extent): Promise<R> {
    const { rows, bytes } = extent;
    const { waitingSize } = this.#batcher;
    if (!this.#batcher.hasRoomFor(rows, bytes)) {
      this.#tell(() => ({ type: "batchQueueFull", rows, rowsWaiting: waitingSize }));
      const full = new ServingError(
        `the queue of batches is full: ${waitingSize} rows wait, ${rows} more do not fit (maxEnqueuedBatches, maxBatchSize, maxBatchBytes)`,
        { code: "RESOURCE_EXHAUSTED", kind: "overloaded" },
      );
      return Promise.reject(full);
    }
    context.ledger.phase = "waiting for a batch to leave";
    const { maxBatchSize } = this.#options.settings;
    return rows > maxBatchSize ? this.#askInParts(request, context, extent) : this.#enqueue(request, context, extent);
  }

  async #askInParts(request: Q, context: CallContext, { rows, bytes }: Extent): Promise<R> {
    const { kind, settings } = this.#options;
    const parts: Promise<R>[] = [];
    // One part that fails fails the call, and then the others are not wanted any more.
    const { cancellation, detach } = childOf(context.cancellation);
    this.#tell(() => ({ type: "callSplit", rows, parts: Math.ceil(rows / settings.maxBatchSize) }));
    for (let begin = 0; begin < rows; begin += settings.maxBatchSize) {
      const end = Math.min(rows, begin + settings.maxBatchSize);
      const extent = { rows: end - begin, bytes: (bytes * (end - begin)) / rows };
      parts.push(this.#enqueue(kind.cut(request, begin, end), { ...context, cancellation }, extent));
    }
    try {
      return kind.join(await Promise.all(parts));
    } catch (error) {
      cancellation.cancel(error);
      throw error;
    } finally {
      detach();
    }
  }

  #enqueue(request: Q, context: CallContext, extent: Extent): Promise<R> {
    const member = new Member<Q, R>(request, context, extent, this.#takeOut);
    this.#batcher.add(member);
    return member.answer;
  }

  /**
   * Sends members together. Where the server refuses what was sent, halves of them go on alone, until those are found
   * whose rows it cannot take: for one of n members that is at most 2 * ceil(log2 n) requests more.
   */
  async #send(members: readonly Member<Q, R>[], waits = NO_WAIT, free = () => {}): Promise<void> {
    const present = members.filter((member) => member.isWaiting);
    if (present.length === 0) return;
    try {
      const answers = await this.#exchange(present, waits, free);
      for (let index = 0; index < present.length; index++) present[index]!.resolve(answers[index]!);
    } catch (error) {
      const { length } = present;
      if (length === 1 || !(error instanceof ServingError) || !isRequestFault(error)) {
        for (let index = 0; index < length; index++) present[index]!.reject(index === 0 ? error : copyOf(error));
        return;
      }
      const fault = { code: error.code, kind: error.kind };
      this.#tell(() => ({ type: "batchHalved", calls: length, rows: rowsOf(present), fault }));
      const half = Math.ceil(length / 2);
      await Promise.all([this.#send(present.slice(0, half)), this.#send(present.slice(half))]);
    }
  }

  /** One request there and back; `free` is called as soon as it is answered well. */
  async #exchange(members: readonly Member<Q, R>[], waits: Waits, free: () => void): Promise<R[]> {
    const { kind, host, send, settings } = this.#options;
    const requests = requestsOf(members);
    const ownRows = rowsOf(members);
    const rows = settings.allowedBatchSizes.find((size) => size >= ownRows) ?? ownRows;
    this.#tellSent(members, requests, ownRows, rows, waits);
    const counts = members.map(({ size }) => size);
    const [first] = members;
    if (members.length === 1 && rows === ownRows && first!.sharedCall === undefined) {
      const { request, context } = first!;
      const answer = await send(request, context);
      free();
      return kind.split(answer, { requests, counts, rows, context });
    }
    const shared = new SharedCall(
      members.map(({ context }) => context),
      host.clock,
      host.endpoint,
    );
    for (const member of members) member.sharedCall = shared;
    try {
      const { context } = shared;
      const answer = await send(kind.merge(requests, rows), context);
      free();
      return kind.split(answer, { requests, counts, rows, context });
    } finally {
      shared.end();
    }
  }

  #tellSent(
    members: readonly Member<Q, R>[],
    requests: readonly Q[],
    ownRows: number,
    rows: number,
    waits: Waits,
  ): void {
    this.#tell(() => {
      const { kind, settings } = this.#options;
      let bytes = 0;
      for (const member of members) bytes += member.bytes;
      const count = settings.padVariableLengthInputs ? kind.tally?.() : undefined;
      const together = count === undefined ? bytes : requests.reduce((_, request) => count(request), 0);
      const callIds = members.flatMap(({ context: { events } }) =>
        events === undefined ? [] : events.identity.callId,
      );
      const traceParents = members.flatMap(({ context }) => context.headers["traceparent"] ?? []);
      return {
        type: "batchSent",
        calls: members.length,
        rows: ownRows,
        paddingRows: rows - ownRows,
        bytes,
        paddingBytes: (together * rows) / ownRows - bytes,
        ...waits,
        rowsLeft: this.#batcher.waitingSize,
        callIds,
        traceParents,
      };
    });
  }

  #tell(event: () => BatchEventDetails): void {
    const { host, operation, model } = this.#options;
    host.tell(() => ({ operation, model, ...event() }) as BatchEvent);
  }
}

/** An event without what the queue knows of all its calls. */
type BatchEventDetails = BatchEvent extends infer E
  ? E extends BatchEvent
    ? Omit<E, "operation" | "model">
    : never
  : never;

type Waits = Pick<Batch<unknown>, "longestWaitMs" | "totalWaitMs">;

const NO_WAIT: Waits = { longestWaitMs: 0, totalWaitMs: 0 };

function toMemberTally<Q, R>(count: (request: Q) => number): (member: Member<Q, R>) => number {
  return ({ request }) => count(request);
}

function requestsOf<Q, R>(members: readonly Member<Q, R>[]): Q[] {
  return members.map(({ request }) => request);
}

function rowsOf(members: readonly { readonly size: number }[]): number {
  return members.reduce((sum, { size }) => sum + size, 0);
}
