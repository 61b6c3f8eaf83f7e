/** What the peer asks for in place of a time: no further try. */
const NO_MORE = -1;

/**
 * How long the server asks to be left alone, from the trailers of a failed call; negative when it asks for no further
 * try. A value that is no 32-bit integer counts as that: what cannot be read must not become a storm.
 *
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback
 */
export function retryAfterMs(trailers: Readonly<Record<string, string>> | undefined): number | undefined {
  const value = trailers?.["grpc-retry-pushback-ms"];
  if (value === undefined) return undefined;
  const wish = /^-?\d{1,10}$/.test(value) ? Number(value) : NO_MORE;
  return wish < 0 || wish > 2 ** 31 - 1 ? NO_MORE : wish;
}
