import type {
  AttemptStarted,
  CallEvent,
  CallEventDetails,
  CallEvents,
  CallIdentity,
  CallStarted,
} from "../contract/call-event.ts";
import type { ClientEvent } from "../contract/client-event.ts";
import type { Instrumentation } from "../contract/instrumentation.ts";
import type { Logger } from "../contract/logger.ts";
import { channelOf, someoneSubscribesToCalls } from "./event-channels.ts";

/** Who is told of a client's events, besides the subscribers of the channels. */
export interface Listeners {
  readonly onEvent?: ((event: ClientEvent) => void) | undefined;
  readonly instrumentation?: Instrumentation | undefined;
  /** One that does not throw. */
  readonly logger: Logger;
}

type Begin = (headers?: Readonly<Record<string, string>>) => void;

/**
 * Tells events to the channels, to the instrumentation and to `onEvent`, in this order. A listener that throws or rejects
 * is told to the logger and to nobody else; none is waited for.
 */
export class Emitter {
  readonly #onEvent: Listeners["onEvent"];
  readonly #instrumentation: Instrumentation | undefined;
  readonly #logger: Logger;

  constructor({ onEvent, instrumentation, logger }: Listeners) {
    this.#onEvent = onEvent;
    this.#instrumentation = instrumentation;
    this.#logger = logger;
  }

  /** Never throws. Bound, so that it can be handed on alone. */
  readonly emit = (event: ClientEvent): void => {
    const channel = channelOf(event.type);
    if (channel.hasSubscribers) channel.publish(event);
    this.#tellOwn(event);
  };

  /** Tells what is put together for listeners alone. */
  readonly emitIfHeard = (type: ClientEvent["type"], event: () => ClientEvent): void => {
    const isHeard =
      this.#onEvent !== undefined || this.#instrumentation !== undefined || channelOf(type).hasSubscribers;
    if (isHeard) this.emit(event());
  };

  /** What tells of a call that begins now; undefined while nobody listens. */
  eventsOf(about: Omit<CallIdentity, "callId">): CallEvents | undefined {
    if (this.#onEvent === undefined && this.#instrumentation === undefined && !someoneSubscribesToCalls()) {
      return undefined;
    }
    const identity: CallIdentity = { callId: nextCallId(), ...about };
    return { identity, tell: (details) => this.emit(ofCall(identity, details)) };
  }

  /** Tells that a call begins, and begins it within what stores and instrumentation put around it. */
  beginCall<T>(event: CallStarted, work: () => Promise<T>): Promise<T> {
    return this.#beginWithin(event, work, (begin) => this.#instrumentation?.aroundCall?.(event, begin));
  }

  /** The same for an attempt; `work` gets the headers that the instrumentation sends with it. */
  beginAttempt<T>(event: AttemptStarted, work: (headers?: Readonly<Record<string, string>>) => Promise<T>): Promise<T> {
    return this.#beginWithin(event, work, (begin) => this.#instrumentation?.aroundAttempt?.(event, begin));
  }

  #beginWithin<T>(
    event: CallStarted | AttemptStarted,
    work: (headers?: Readonly<Record<string, string>>) => Promise<T>,
    around: (begin: Begin) => void,
  ): Promise<T> {
    return channelOf(event.type).runStores(event, () => {
      this.#tellOwn(event);
      let begun: Promise<T> | undefined;
      const begin: Begin = (headers) => {
        begun ??= work(headers);
      };
      try {
        around(begin);
      } catch {
        this.#complain("instrumentation", event);
      }
      // Kept, so that one who calls it too late begins nothing a second time.
      begun ??= work();
      return begun;
    });
  }

  #tellOwn(event: ClientEvent): void {
    const instrumentation = this.#instrumentation;
    if (instrumentation?.onEvent !== undefined) {
      this.#guarded("instrumentation", event, () => instrumentation.onEvent?.(event));
    }
    const onEvent = this.#onEvent;
    if (onEvent !== undefined) this.#guarded("onEvent", event, () => onEvent(event));
  }

  #guarded(who: string, event: ClientEvent, listen: () => unknown): void {
    try {
      // The type says void, but an async function fits too: its rejection must not go unhandled.
      const result = listen();
      if (result instanceof Promise) result.catch(() => this.#complain(who, event));
    } catch {
      this.#complain(who, event);
    }
  }

  #complain(who: string, event: ClientEvent): void {
    this.#logger.warn?.(`${who} failed; the call is not affected`, { event: event.type });
  }
}

/** An event with whose it is. */
export function ofCall<D extends CallEventDetails>(identity: CallIdentity, details: D): CallEvent & D {
  return { ...details, ...identity } as CallEvent & D;
}

let prefix: string | undefined;
let count = 0;

/** A counter tells the calls of this copy of the package apart, the prefix tells the copies apart. */
function nextCallId(): string {
  prefix ??= Math.floor(Math.random() * 36 ** 6)
    .toString(36)
    .padStart(6, "0");
  count++;
  return `${prefix}-${count}`;
}
