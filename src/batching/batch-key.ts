import type { SignatureChoice } from "../contract/model-spec.ts";
import type { OperationName } from "../contract/operations.ts";
import type { CallContext } from "../contract/transport.ts";

/** Of one call each: they neither keep calls apart nor go out for others. */
const TRACE_HEADERS: ReadonlySet<string> = new Set(["traceparent", "tracestate"]);

/**
 * Says who may share a request: calls with equal keys, and nobody else.
 *
 * A key holds everything that a request says besides its rows. Names are written with their lengths, so that no choice
 * of names makes two different calls look alike.
 */
export class BatchKeys {
  readonly #ids = new WeakMap<object, number>();
  readonly #idsByText = new Map<string, number>();
  #lastHeaders: CallContext["headers"] | undefined;
  #lastHeadersText = "";

  /** What the call as such says: how it is asked, and by whom. */
  ofContext(operation: OperationName, context: CallContext): string {
    const { batching, signature, format, compression, maxRetries, attemptTimeoutMs, idempotent } = context;
    const ids = `${batching === undefined ? "" : this.#idOf(batching)},${signature === undefined ? "" : this.#idOf(signature)}`;
    return `${operation},${ids},${format},${compression},${maxRetries},${attemptTimeoutMs},${idempotent},${this.#ofHeaders(context.headers)}`;
  }

  /** Equal for objects of equal content: handles made for each request share, too. */
  #idOf(object: object): number {
    let id = this.#ids.get(object);
    if (id === undefined) {
      const text = JSON.stringify(object);
      id = this.#idsByText.get(text) ?? this.#idsByText.size;
      this.#idsByText.set(text, id);
      this.#ids.set(object, id);
    }
    return id;
  }

  #ofHeaders(headers: CallContext["headers"]): string {
    // Calls without headers of their own all have the client's.
    if (headers === this.#lastHeaders) return this.#lastHeadersText;
    const names = Object.keys(headers).filter((name) => !TRACE_HEADERS.has(name));
    this.#lastHeadersText = names
      .sort()
      .map((name) => named(name) + named(headers[name]))
      .join("");
    this.#lastHeaders = headers;
    return this.#lastHeadersText;
  }
}

/** Whether two contexts have one key for certain; where not, they still may. */
export function areAlike(one: CallContext, other: CallContext): boolean {
  return (
    one.batching === other.batching &&
    one.headers === other.headers &&
    one.signature === other.signature &&
    one.format === other.format &&
    one.compression === other.compression &&
    one.maxRetries === other.maxRetries &&
    one.attemptTimeoutMs === other.attemptTimeoutMs &&
    one.idempotent === other.idempotent
  );
}

/** The same for what the requests choose. */
export function chooseAlike(one: SignatureChoice, other: SignatureChoice): boolean {
  return (
    one.model === other.model &&
    one.version === other.version &&
    one.versionLabel === other.versionLabel &&
    one.signatureName === other.signatureName
  );
}

/** Which model, version or label, and signature. */
export function keyOfModel(choice: SignatureChoice): string {
  const { model, version, versionLabel, signatureName } = choice;
  return named(model) + (version ?? "") + named(versionLabel) + named(signatureName);
}

/** A text that ends where it says; a missing one is no empty one. */
export function named(text: string | undefined): string {
  return text === undefined ? "-" : `${text.length}:${text}`;
}

/** The headers that a request for several calls carries: theirs, without what belongs to one call alone. */
export function sharedHeaders(headers: CallContext["headers"]): CallContext["headers"] {
  if (headers["traceparent"] === undefined && headers["tracestate"] === undefined) return headers;
  const shared: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) if (!TRACE_HEADERS.has(name)) shared[name] = value;
  return shared;
}
