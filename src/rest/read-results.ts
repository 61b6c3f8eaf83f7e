import { decodeError } from "../errors/decode-error.ts";
import { quote } from "../internal/quote.ts";
import type { CodecContext, RestReply } from "./codec.ts";
import type { JsonReader } from "./json/json-reader.ts";
import { readNumber } from "./json/read-number.ts";
import { readReply } from "./reply.ts";

/** About what a small object takes, which may stand for very few bytes of text. */
export const BYTES_PER_OBJECT = 64;

/** Reads `{"results": [ … ]}`, the answer to classify and regress, element by element. */
export function readResults<T>(
  reply: RestReply,
  { maxMessageBytes }: CodecContext,
  readOne: (reader: JsonReader) => T,
): T[] {
  let results: T[] | undefined;
  readReply(reply, maxMessageBytes, (key, reader) => {
    if (key !== "results") throw reader.fail(`the key ${quote(key)}, expected "results"`);
    const list: T[] = [];
    reader.list(() => {
      reader.claim(BYTES_PER_OBJECT);
      list.push(readOne(reader));
    });
    results = list;
  });
  if (results === undefined) throw decodeError('reply: expected "results", found an empty object');
  return results;
}

/** Reads a score or value as the float32 that the server has: the same number that gRPC gives. */
export function readScore(reader: JsonReader): number {
  reader.peek();
  return Math.fround(readNumber(reader, false));
}
