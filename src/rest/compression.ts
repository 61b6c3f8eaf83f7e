import { gunzip, gzip } from "node:zlib";
import { decodeError, tooLargeError } from "../errors/decode-error.ts";
import { ServingError } from "../errors/serving-error.ts";
import { quote } from "../internal/quote.ts";

/** What the server inflates at most; a larger body arrives there as an empty one. */
const SERVER_LIMIT_BYTES = 100 << 20;

/** JSON of numbers shrinks by less than this; what grows more is meant to hurt. */
const MAX_RATIO = 200;
/** Up to this size the ratio says nothing: short texts of spaces shrink a lot. */
const RATIO_COUNTS_FROM_BYTES = 1 << 20;

/**
 * Compresses a request body, off the event loop's thread.
 *
 * @throws ServingError (RESOURCE_EXHAUSTED, kind too_large) above what the server inflates
 * @see tensorflow_serving/util/net_http/compression/gzip_zlib.h
 */
export async function compress(body: Buffer): Promise<Buffer> {
  if (body.length > SERVER_LIMIT_BYTES) {
    throw tooLargeError(
      `the request body has ${body.length} bytes, the server takes ${SERVER_LIMIT_BYTES} at most when it is compressed`,
    );
  }
  return new Promise((resolve, reject) => {
    gzip(body, (error, compressed) => (error ? reject(error) : resolve(compressed)));
  });
}

/** Whether a body with this `content-encoding` has to go through {@link decompress}. */
export function isCompressed(encoding: string | undefined): encoding is string {
  return encoding !== undefined && encoding !== "" && encoding.toLowerCase() !== "identity";
}

/**
 * Inflates the body of a reply, off the event loop's thread.
 *
 * @throws ServingError: kind decode for an encoding other than gzip and for broken data, too_large above the limit or
 * 200 times its compressed size, truncated when the data ends early and `endedByClose`
 */
export async function decompress(
  body: Buffer,
  encoding: string,
  maxMessageBytes: number,
  endedByClose: boolean,
): Promise<Buffer> {
  if (!/^(x-)?gzip$/i.test(encoding)) {
    throw decodeError(`the reply has the content-encoding ${quote(encoding)}, this client reads gzip and identity`);
  }
  const limit = Math.min(maxMessageBytes, Math.max(RATIO_COUNTS_FROM_BYTES, body.length * MAX_RATIO));
  return new Promise((resolve, reject) => {
    gunzip(body, { maxOutputLength: limit }, (error, inflated) => {
      if (error === null) resolve(inflated);
      else reject(inflateFailure(error, body.length, limit, endedByClose));
    });
  });
}

function inflateFailure(error: NodeJS.ErrnoException, bytes: number, limit: number, endedByClose: boolean): Error {
  if (error.code === "ERR_BUFFER_TOO_LARGE") {
    return tooLargeError(
      `a reply of ${bytes} compressed bytes holds more than ${limit} (maxMessageBytes, or ${MAX_RATIO} times its size)`,
    );
  }
  if (error.code === "Z_BUF_ERROR" && endedByClose) {
    return new ServingError("the connection was closed in the middle of the compressed reply", {
      code: "UNAVAILABLE",
      kind: "truncated",
      retryable: true,
      cause: error,
    });
  }
  return decodeError(`the reply is not valid gzip (${error.code ?? error.message})`, { cause: error });
}
