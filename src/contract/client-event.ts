import type { BatchEvent } from "./batch-event.ts";
import type { CallEvent } from "./call-event.ts";
import type { EndpointEvent } from "./events.ts";

/**
 * What a client tells of its work; `type` says which. No event holds a payload, a header's value, a credential or the
 * text of an error, which may repeat what was sent.
 */
export type ClientEvent = CallEvent | BatchEvent | EndpointEvent;
