import { ServingError } from "../errors/serving-error.ts";
import type { RestReply } from "./codec.ts";
import { JsonReader } from "./json/json-reader.ts";
import { type JsonValue, readValue } from "./json/read-value.ts";
import { peerText } from "./peer-text.ts";

/**
 * Reads the object that a reply is, handing each key to `visit`, which must read the value.
 *
 * @throws ServingError (kind decode) for what is not that object; (UNAVAILABLE, kind truncated, may be sent again) when
 * it ends in the middle and only the closed connection said that it was the end
 */
export function readReply(reply: RestReply, visit: (key: string, reader: JsonReader) => void): void {
  const reader = new JsonReader(reply.body);
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

/** Reads a small reply as a value. */
export function readDocument(reply: RestReply): JsonValue {
  const document: Record<string, JsonValue> = Object.create(null);
  readReply(reply, (key, reader) => {
    document[key] = readValue(reader);
  });
  return document;
}

/** An error object with status 200: no server of TensorFlow's does that, gateways in front of it do. */
function serverSaid(reader: JsonReader): ServingError {
  const said = readValue(reader);
  const text = typeof said === "string" ? peerText(said) : "no text";
  return new ServingError(`the reply has status 200 and holds an error: ${text}`, {
    code: "UNKNOWN",
    kind: "internal",
  });
}
