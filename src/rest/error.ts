import type { Code } from "../errors/code.ts";
import type { ErrorKind } from "../errors/kind.ts";
import { type RetryFacts, setRetryFacts } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";
import { JsonReader } from "./json/json-reader.ts";
import { readValue } from "./json/read-value.ts";
import { peerText } from "./peer-text.ts";
import { retryAfterMs } from "./retry-after.ts";

/** A reply that is not the one that was asked for. */
export interface FailedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed, and perhaps not whole. */
  readonly body: Buffer;
  /** Where the request went, to read a relative redirect. */
  readonly requestPath: string;
}

interface Meaning {
  readonly code: Code;
  readonly kind: ErrorKind;
  /** Where it is not what the kind says. */
  readonly retryable?: boolean;
  /** Where code and kind do not tell what one more try may bring. */
  readonly facts?: Partial<RetryFacts>;
}

interface Text extends Meaning {
  readonly status: number;
  readonly text: RegExp;
}

const PORTS = "gRPC is usually on port 8500 and REST on 8501";

/** The server says that it has not begun to work on it. */
const UNPROCESSED: Partial<RetryFacts> = { delivery: "never" };

/** The longest body that is looked into for the server's words. */
const MAX_ERROR_BYTES = 1024 * 1024;

/** The most of a proxy's page that an error shows, in characters. */
const SNIPPET_LENGTH = 200;

/**
 * Where one HTTP status stands for several codes, the server's text may still tell which one it was. Texts are looked
 * for and never relied on: without a match the table below holds.
 */
const BY_TEXT: readonly Text[] = [
  // tensorflow/core/kernels/batching_util/shared_batch_scheduler.h
  {
    status: 503,
    text: /batch scheduling queue|batch threads are busy/,
    code: "UNAVAILABLE",
    kind: "overloaded",
    facts: UNPROCESSED,
  },
  // A batch as large as this one may never find so much room.
  {
    status: 503,
    text: /scheduling capacity is only/,
    code: "UNAVAILABLE",
    kind: "overloaded",
    facts: { delivery: "never", again: "once" },
  },
  // tensorflow/core/framework/op_kernel.cc: of the accelerator, most often.
  {
    status: 429,
    text: /^OOM when allocating/,
    code: "RESOURCE_EXHAUSTED",
    kind: "overloaded",
    facts: { delivery: "answered", again: "once" },
  },
  // tensorflow_serving/core/basic_manager.cc
  { status: 404, text: /^Servable not found/, code: "NOT_FOUND", kind: "not_found", facts: UNPROCESSED },
  // tensorflow_serving/model_servers/server_core.cc
  {
    status: 503,
    text: /^Model labels does not init yet/,
    code: "UNAVAILABLE",
    kind: "unavailable",
    facts: UNPROCESSED,
  },
  // tensorflow_serving/model_servers/server_core.cc: a label that is not there is code 3, not 5.
  {
    status: 400,
    text: /^Unrecognized servable version label/,
    code: "INVALID_ARGUMENT",
    kind: "not_found",
    facts: UNPROCESSED,
  },
  // tensorflow_serving/batching/batching_session.cc: another caller's tensor was in the same batch of the server.
  { status: 400, text: /from different tasks/, code: "FAILED_PRECONDITION", kind: "precondition", retryable: true },
  {
    status: 400,
    text: /^Batched output tensor(?: has 0 dimensions|'s 0th dimension does not equal)/,
    code: "FAILED_PRECONDITION",
    kind: "precondition",
  },
  // tensorflow/core/kernels: variables and tables that nothing has filled.
  {
    status: 400,
    text: /variable was uninitialized|uninitialized value|Table not initialized/,
    code: "FAILED_PRECONDITION",
    kind: "precondition",
  },
  // tensorflow/core/kernels/data/iterator_ops.cc
  { status: 400, text: /^End of sequence/, code: "OUT_OF_RANGE", kind: "invalid" },
];

/**
 * What a status means when the server itself says it.
 *
 * 400 is INVALID_ARGUMENT, FAILED_PRECONDITION or OUT_OF_RANGE, of which the first is by far the most common. 409 is
 * ABORTED or ALREADY_EXISTS: nothing that REST can ask creates anything. 500 is INTERNAL, UNKNOWN or DATA_LOSS.
 *
 * @see tensorflow_serving/model_servers/http_server.cc
 */
const BY_SERVER: Readonly<Record<number, Meaning>> = {
  400: { code: "INVALID_ARGUMENT", kind: "invalid" },
  401: { code: "UNAUTHENTICATED", kind: "auth" },
  403: { code: "PERMISSION_DENIED", kind: "auth" },
  404: { code: "NOT_FOUND", kind: "not_found" },
  // ALREADY_EXISTS travels under the same number, and for that no other try helps.
  409: { code: "ABORTED", kind: "internal", facts: { delivery: "answered", again: "no" } },
  429: { code: "RESOURCE_EXHAUSTED", kind: "overloaded", facts: UNPROCESSED },
  499: { code: "CANCELLED", kind: "cancelled" },
  500: { code: "INTERNAL", kind: "internal" },
  501: { code: "UNIMPLEMENTED", kind: "unsupported" },
  503: { code: "UNAVAILABLE", kind: "unavailable" },
  504: { code: "DEADLINE_EXCEEDED", kind: "timeout" },
};

/** What a status means when something in front of the server says it, where that differs. */
const BY_PROXY: Readonly<Record<number, Meaning>> = {
  404: { code: "NOT_FOUND", kind: "protocol" },
  405: { code: "UNIMPLEMENTED", kind: "protocol" },
  // The credential that the proxy wants is none that this client could renew.
  407: { code: "UNAUTHENTICATED", kind: "auth", facts: { again: "no" } },
  408: { code: "DEADLINE_EXCEEDED", kind: "timeout", retryable: true },
  413: { code: "RESOURCE_EXHAUSTED", kind: "too_large" },
  414: { code: "RESOURCE_EXHAUSTED", kind: "too_large" },
  431: { code: "RESOURCE_EXHAUSTED", kind: "too_large" },
  502: { code: "UNAVAILABLE", kind: "unavailable" },
  // The proxy's patience ended, not the server's: the server may answer in time next time.
  504: { code: "DEADLINE_EXCEEDED", kind: "timeout", retryable: true },
};

/**
 * The failure that a reply with another status than 200 stands for. A JSON object with `error` is the server's word
 * and becomes the message as it is; anything else comes from a proxy, and the message shows the beginning of it.
 */
export function fromReply(reply: FailedReply): ServingError {
  const error = readReply(reply);
  const wish = retryAfterMs(reply.headers);
  return wish === undefined ? error : setRetryFacts(error, { retryAfterMs: wish });
}

function readReply(reply: FailedReply): ServingError {
  const { status } = reply;
  const said = serverText(reply.body);
  if (said !== undefined && status >= 400) return serverError(status, said);
  if (status >= 300 && status < 400) {
    const to = shownLocation(reply);
    return new ServingError(
      `HTTP ${status}: a redirect${to === undefined ? "" : ` to ${to}`}, which is never followed; is the address right?`,
      { code: "INTERNAL", kind: "protocol" },
    );
  }
  if (status < 400) {
    return new ServingError(`HTTP ${status}, expected 200`, { code: "INTERNAL", kind: "protocol" });
  }
  const meaning = BY_PROXY[status] ?? BY_SERVER[status] ?? unknownStatus(status);
  const hint = status === 404 ? ` (no TensorFlow Serving REST API at this path; ${PORTS})` : "";
  return toServingError(`HTTP ${status}, not in the server's words: ${snippet(reply.body)}${hint}`, meaning);
}

/** A reply with status 200 that is no JSON object at all: a page, or another protocol's. */
export function notJson(body: Buffer): ServingError {
  return new ServingError(`HTTP 200 without JSON: ${snippet(body)}; is this TensorFlow Serving's REST port? ${PORTS}`, {
    code: "INTERNAL",
    kind: "protocol",
  });
}

function serverError(status: number, said: string): ServingError {
  const known = BY_TEXT.find((row) => row.status === status && row.text.test(said));
  const meaning = known ?? BY_SERVER[status] ?? unknownStatus(status);
  return toServingError(said === "" ? `HTTP ${status} without a text` : said, meaning);
}

function toServingError(message: string, { code, kind, retryable, facts }: Meaning): ServingError {
  const error = new ServingError(message, { code, kind, retryable });
  return facts === undefined ? error : setRetryFacts(error, facts);
}

function unknownStatus(status: number): Meaning {
  return status < 500 ? { code: "INVALID_ARGUMENT", kind: "protocol" } : { code: "UNAVAILABLE", kind: "unavailable" };
}

/** The value of `error` when the body is the server's own form of failure; its text may hold any bytes. */
function serverText(body: Buffer): string | undefined {
  // No server says so much, and as a tree of objects it could be a hundred times as large.
  if (body.length > MAX_ERROR_BYTES) return undefined;
  const reader = new JsonReader(body);
  let text: string | undefined;
  try {
    reader.begin();
    reader.object((key) => {
      const value = readValue(reader);
      if (key === "error" && typeof value === "string") text = peerText(value);
    });
  } catch {
    return undefined;
  }
  return text;
}

function snippet(body: Buffer): string {
  const text = body
    .toString("utf8", 0, SNIPPET_LENGTH * 8)
    .replace(/\s+/g, " ")
    .trim();
  return text === "" ? "an empty body" : JSON.stringify(peerText(text, SNIPPET_LENGTH));
}

/** Where a redirect leads, without user-info and query: those may be secrets. */
function shownLocation({ headers, requestPath }: FailedReply): string | undefined {
  const location = headers["location"];
  if (location === undefined) return undefined;
  try {
    const base = "http://same.invalid";
    const { origin, pathname } = new URL(location, `${base}${requestPath}`);
    return peerText(`${origin === base ? "" : origin}${pathname}`, SNIPPET_LENGTH);
  } catch {
    return undefined;
  }
}
