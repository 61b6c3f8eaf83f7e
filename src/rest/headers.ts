import { invalidArgument } from "../errors/invalid-argument.ts";
import { quote } from "../internal/quote.ts";
import { VERSION } from "../internal/version.ts";

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a field value may hold: visible Latin-1, spaces and tabs. No line ends, no NUL. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What belongs to the connection or frames the body: written here, never taken from a caller. */
const OWN: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const AGENT = `tfserving-node/${VERSION}`;

/** What decides over the headers of one request, beside the caller's. */
export interface RequestForm {
  readonly hasBody: boolean;
  /** The body is compressed, and so may the reply be. */
  readonly gzip: boolean;
}

/**
 * The headers of a request, names and values in turn: the caller's and this wire's own. `user-agent` and `accept` can
 * be replaced.
 *
 * Unless compression is asked for, replies are asked for as they are: the server never compresses, and a gateway that
 * does costs time on both ends.
 *
 * @throws ServingError (INVALID_ARGUMENT) naming a header that cannot be sent, never its value
 */
export function toRequestHeaders(callers: Readonly<Record<string, string>>, { hasBody, gzip }: RequestForm): string[] {
  let agent = AGENT;
  let accept = "application/json";
  let others: string[] | undefined;
  for (const name of Object.keys(callers)) {
    const value = callers[name] as string;
    checkHeader(name, value);
    if (name === "user-agent") agent = value;
    else if (name === "accept") accept = value;
    else {
      others ??= [];
      others.push(name, value);
    }
  }
  const headers = ["user-agent", agent, "accept", accept, "accept-encoding", gzip ? "gzip" : "identity"];
  if (hasBody) headers.push("content-type", "application/json");
  if (hasBody && gzip) headers.push("content-encoding", "gzip");
  return others === undefined ? headers : others.concat(headers);
}

/** What nearly every reply has for trailers. */
const NONE: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** Headers or trailers of a reply: names in lower case, repeated ones joined by commas, no prototype. */
export function fromResponseHeaders(
  received: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string>> {
  const names = Object.keys(received);
  if (names.length === 0) return NONE;
  const headers: Record<string, string> = Object.create(null);
  for (const name of names) {
    const value = received[name];
    if (value !== undefined) headers[name.toLowerCase()] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}

function checkHeader(name: string, value: unknown): void {
  if (!NAME.test(name)) throw invalidArgument(`header ${quote(name)} is not a header name`);
  if (OWN.has(name.toLowerCase())) throw invalidArgument(`header ${quote(name)} is written by the client itself`);
  if (typeof value !== "string") throw invalidArgument(`header ${quote(name)} must be a string`);
  if (!VALUE.test(value)) {
    throw invalidArgument(`header ${quote(name)} holds a character that HTTP does not allow in a value`);
  }
}
