import { type Channel, channel } from "node:diagnostics_channel";
import type { CallEvent } from "../contract/call-event.ts";
import type { ClientEvent } from "../contract/client-event.ts";

/** Which channel of `node:diagnostics_channel` an event is published on. */
export const CHANNEL_NAMES = {
  callStarted: "tfserving:call:start",
  callEnded: "tfserving:call:end",
  attemptStarted: "tfserving:attempt:start",
  attemptEnded: "tfserving:attempt:end",
  retryScheduled: "tfserving:retry",
  retryRefused: "tfserving:retry",
  queueWaited: "tfserving:queue",
  queueRejected: "tfserving:queue",
  batchSent: "tfserving:batch",
  batchHalved: "tfserving:batch",
  callSplit: "tfserving:batch",
  batchQueueFull: "tfserving:batch",
  endpointEjected: "tfserving:ejection",
  endpointProbation: "tfserving:ejection",
  endpointRestored: "tfserving:ejection",
  circuitOpened: "tfserving:breaker",
  circuitHalfOpened: "tfserving:breaker",
  circuitClosed: "tfserving:breaker",
  addressesChanged: "tfserving:addresses",
  lookupFailed: "tfserving:addresses",
  connectionReplaced: "tfserving:connection",
} as const satisfies Readonly<Record<ClientEvent["type"], `tfserving:${string}`>>;

const OF_CALLS: readonly CallEvent["type"][] = [
  "callStarted",
  "callEnded",
  "attemptStarted",
  "attemptEnded",
  "retryScheduled",
  "queueWaited",
];

let channels: Readonly<Record<ClientEvent["type"], Channel>> | undefined;
let callChannels: readonly Channel[] | undefined;

/** The channel of an event. Held from the first client on: Node keeps a channel only as long as somebody has it. */
export function channelOf(type: ClientEvent["type"]): Channel {
  channels ??= Object.fromEntries(
    Object.entries(CHANNEL_NAMES).map(([event, name]) => [event, channel(name)]),
  ) as Record<ClientEvent["type"], Channel>;
  return channels[type];
}

/** Whether anybody has subscribed to what calls publish. Asked once a call. */
export function someoneSubscribesToCalls(): boolean {
  callChannels ??= OF_CALLS.map(channelOf);
  for (const each of callChannels) if (each.hasSubscribers) return true;
  return false;
}
