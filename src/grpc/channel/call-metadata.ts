import type { OutgoingHttpHeaders } from "node:http2";
import { Metadata, type MetadataOptions, type MetadataValue } from "@grpc/grpc-js";

type Entries = ReadonlyMap<string, MetadataValue[]>;

/** Metadata for one call that begins with what `known` has. `known` may be used again, the result goes to grpc-js. */
export function metadataForCall(known: Metadata): Metadata {
  const entries = entriesOf(known);
  return entries === undefined ? known.clone() : new CallMetadata(known.getOptions(), entries);
}

/** Where grpc-js keeps them: protected, and so a subclass's own business, but not promised to stay there. */
function entriesOf(metadata: Metadata): Entries | undefined {
  const { internalRepr } = metadata as unknown as { readonly internalRepr?: unknown };
  return internalRepr instanceof Map ? internalRepr : undefined;
}

const NONE: Entries = new Map();

/**
 * Metadata that is copied for nothing. grpc-js copies what it is given value by value, in case it has to add credentials,
 * which it rarely has. So copies share their entries until one of them is changed.
 *
 * @see grpc-js build/src/load-balancing-call.js doPick
 */
class CallMetadata extends Metadata {
  #isShared = false;

  constructor(options: MetadataOptions, entries: Entries) {
    super(options);
    // Not `for … of`, which makes an array of each entry.
    entries.forEach((values, key) => {
      this.internalRepr.set(key, values);
    });
  }

  override clone(): CallMetadata {
    const copy = new CallMetadata(this.getOptions(), NONE);
    copy.internalRepr = this.internalRepr;
    copy.#isShared = true;
    this.#isShared = true;
    return copy;
  }

  override set(key: string, value: MetadataValue): void {
    this.#own();
    super.set(key, value);
  }

  override add(key: string, value: MetadataValue): void {
    const values = [...this.get(key), value];
    this.set(key, value);
    this.internalRepr.set(key.toLowerCase(), values);
  }

  override remove(key: string): void {
    if (!this.internalRepr.has(key.toLowerCase())) return;
    this.#own();
    super.remove(key);
  }

  override merge(other: Metadata): void {
    this.#own();
    super.merge(other);
  }

  override toHttp2Headers(): OutgoingHttpHeaders {
    const headers: OutgoingHttpHeaders = {};
    this.internalRepr.forEach((values, key) => {
      if (key.startsWith(":")) return;
      headers[key] = values.length === 1 ? toText(values[0] as MetadataValue) : values.map(toText);
    });
    return headers;
  }

  #own(): void {
    if (!this.#isShared) return;
    this.internalRepr = new Map(this.internalRepr);
    this.#isShared = false;
  }
}

function toText(value: MetadataValue): string {
  return typeof value === "string" ? value : value.toString("base64");
}
