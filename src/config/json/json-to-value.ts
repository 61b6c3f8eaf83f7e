import { quoteWhole } from "../../internal/quote.ts";
import type { Offsets } from "../to-plain.ts";
import type { JsonNode } from "./json-document.ts";

/** Members that are versions, which this library's own JSON writes as strings where a number would not be exact. */
const VERSION = /\.versionLabels\[.*\]$|\.versionPolicy\.specific\[\d+\]$/s;

/** The value that a JSON document stands for; whole numbers keep all their digits. Places are noted by path. */
export function jsonToValue({ at, value }: JsonNode, offsets: Offsets, path = ""): unknown {
  offsets.set(path, at);
  if (value instanceof Map) {
    // Without a prototype: the keys are the file's.
    const object: Record<string, unknown> = Object.create(null);
    for (const [key, { at: keyAt, node }] of value) {
      const inner =
        /^[A-Za-z_]\w*$/.test(key) && !path.endsWith("versionLabels")
          ? dotted(path, key)
          : `${path}[${quoteWhole(key)}]`;
      object[key] = node.value === null ? undefined : jsonToValue(node, offsets, inner);
      offsets.set(inner, keyAt);
    }
    return object;
  }
  if (Array.isArray(value)) {
    return (value as readonly JsonNode[]).map((item, index) => jsonToValue(item, offsets, `${path}[${index}]`));
  }
  if (typeof value === "string") return VERSION.test(path) && WHOLE.test(value) ? toNumber(value) : value;
  return typeof value === "object" && value !== null && "digits" in value ? toNumber(value.digits) : value;
}

function dotted(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

const WHOLE = /^-?[0-9]{1,20}$/;

function toNumber(digits: string): number | bigint {
  const number = Number(digits);
  return WHOLE.test(digits) && !Number.isSafeInteger(number) ? BigInt(digits) : number;
}
