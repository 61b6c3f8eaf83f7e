import { tooLargeError } from "../errors/decode-error.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { RestReply } from "./codec.ts";
import { JsonReader } from "./json/json-reader.ts";
import { type JsonValue, readValue } from "./json/read-value.ts";
import { peerText } from "./peer-text.ts";

const QUOTE = 34;

/**
 * Reads the object that a reply is, handing each key to `visit`, which must read the value.
 *
 * @throws ServingError (kind decode) for what is not that object; (UNAVAILABLE, kind truncated, may be sent again) when
 * it ends in the middle and only the closed connection said that it was the end
 */
export function readReply(
  reply: RestReply,
  maxMessageBytes: number,
  visit: (key: string, reader: JsonReader) => void,
): void {
  const reader = new JsonReader(reply.body, maxMessageBytes);
  try {
    reader.begin();
    reader.object((key) => {
      if (key === "error") throw serverSaid(reader);
      visit(key, reader);
    });
    reader.finish();
  } catch (error) {
    if (reply.endedByClose && reader.endedEarly) {
      throw new ServingError("the connection was closed in the middle of the reply", {
        code: "UNAVAILABLE",
        kind: "truncated",
        retryable: true,
        cause: error,
      });
    }
    throw error;
  }
}

/**
 * The longest document of a status or of metadata. None is of that size, while empty lists and objects that long would
 * become a hundred times as much memory.
 */
const MAX_DOCUMENT_BYTES = 512 * 1024;

/**
 * Reads a small reply as a value.
 *
 * @throws ServingError (RESOURCE_EXHAUSTED, kind too_large) for one of more than 512 KiB
 */
export function readDocument(reply: RestReply): JsonValue {
  const { length } = reply.body;
  if (length > MAX_DOCUMENT_BYTES) {
    throw tooLargeError(`reply: has ${length} bytes, the limit for a control message is ${MAX_DOCUMENT_BYTES}`);
  }
  const document: Record<string, JsonValue> = Object.create(null);
  readReply(reply, MAX_DOCUMENT_BYTES, (key, reader) => {
    document[key] = readValue(reader);
  });
  return document;
}

/** An error object with status 200: no server of TensorFlow's does that, gateways in front of it do. */
function serverSaid(reader: JsonReader): ServingError {
  // Nothing but a string is looked into: a tree of objects could be any size.
  const text = reader.peek() === QUOTE ? peerText(reader.string()) : "no text";
  return new ServingError(`the reply has status 200 and holds an error: ${text}`, {
    code: "UNKNOWN",
    kind: "internal",
  });
}
