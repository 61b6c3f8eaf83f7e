import { quote } from "../internal/quote.ts";

/** Names in lower case, no prototype. */
export type Headers = Readonly<Record<string, string>>;

/** As a caller gives them: any case, null to take a default one away. */
export type HeadersInput = Readonly<Record<string, string | null>>;

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Narrower than HTTP allows: gRPC metadata is ASCII, and one set of headers serves both wires. */
const VALUE = /^[\t\x20-\x7e]*$/;

/** What frames a message or belongs to the connection: a wire writes these by itself. */
const RESERVED = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What is wrong with one header, fit to follow its name; undefined when nothing is. Never shows the value. */
export function headerProblem(name: string, value: unknown): string | undefined {
  if (!NAME.test(name)) return `header ${quote(name)} is not a header name`;
  const lower = name.toLowerCase();
  if (RESERVED.has(lower) || lower.startsWith("grpc-")) return `header ${quote(name)} is written by the client itself`;
  if (lower.endsWith("-bin")) return `header ${quote(name)}: binary headers (-bin) cannot be sent`;
  if (value === null) return undefined;
  if (typeof value !== "string") return `header ${quote(name)} must be a string, or null to take a default away`;
  if (!isHeaderValue(value)) return `header ${quote(name)} may hold visible ASCII characters, spaces and tabs only`;
  return undefined;
}

/** Whether a text can travel as a header value on both wires. */
export function isHeaderValue(value: string): boolean {
  return VALUE.test(value);
}

/** `over` laid over `base`; null takes away. The result is the base itself when there is nothing to lay over. */
export function mergeHeaders(base: Headers, over: HeadersInput | undefined): Headers {
  if (over === undefined) return base;
  const merged: Record<string, string> = Object.assign(Object.create(null), base);
  for (const [name, value] of Object.entries(over)) {
    if (value === null) delete merged[name.toLowerCase()];
    else merged[name.toLowerCase()] = value;
  }
  return merged;
}

/** No headers. */
export const NO_HEADERS: Headers = Object.freeze(Object.create(null) as Record<string, string>);

const SECRET = ["authorization", "proxy-authorization", "cookie"];

/** The name of a header that carries a credential, where there is one. */
export function credentialHeader(headers: Headers): string | undefined {
  for (const name of SECRET) if (headers[name] !== undefined) return name;
  return undefined;
}
