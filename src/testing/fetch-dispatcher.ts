import type { Dispatcher } from "undici";

/**
 * A dispatcher that sends through the process's own `fetch`. msw sees what goes that way, and not the connections that
 * a REST client of this package opens otherwise. For tests: no option of a connection reaches it.
 *
 * @example
 * const client = createClient("http://localhost:8501", { dispatcher: fetchDispatcher() });
 */
export function fetchDispatcher(): Dispatcher {
  // A client of this package needs no more of a dispatcher than these three.
  const dispatcher: Pick<Dispatcher, "dispatch"> & { close(): Promise<void>; destroy(): Promise<void> } = {
    dispatch(options, handler) {
      void exchange(options, handler);
      return true;
    },
    async close() {},
    async destroy() {},
  };
  return dispatcher as Dispatcher;
}

/** One request, reported to undici's kind of handler as it goes on. */
async function exchange(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): Promise<void> {
  const { origin, path, method, headers, body } = options;
  const ended = new AbortController();
  const controller = toController(ended);
  try {
    handler.onRequestStart?.(controller, {});
    ended.signal.throwIfAborted();
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: toPairs(headers),
      body: (body ?? null) as Uint8Array<ArrayBuffer> | null,
      redirect: "manual",
      signal: ended.signal,
    });
    handler.onResponseStart?.(controller, response.status, headersOf(response), response.statusText);
    for await (const chunk of response.body ?? []) handler.onResponseData?.(controller, Buffer.from(chunk));
    handler.onResponseEnd?.(controller, {});
  } catch (error) {
    handler.onResponseError?.(controller, error as Error);
  }
}

/** Names and values as undici takes them, in turn or as an object, in the form that fetch takes. */
function toPairs(headers: Dispatcher.DispatchOptions["headers"]): [string, string][] {
  if (!Array.isArray(headers)) return Object.entries((headers ?? {}) as Record<string, string>);
  return headers.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name, headers[index + 1] ?? ""]] : [],
  );
}

/** What the body is now: fetch has decompressed it, and kept the words about how it came. */
function headersOf(response: Response): Record<string, string> {
  const headers = Object.fromEntries(response.headers);
  if (headers["content-encoding"] !== undefined) {
    delete headers["content-encoding"];
    delete headers["content-length"];
  }
  return headers;
}

function toController(ended: AbortController): Dispatcher.DispatchController {
  return {
    get aborted() {
      return ended.signal.aborted;
    },
    get reason() {
      return (ended.signal.reason as Error | undefined) ?? null;
    },
    // A reply of a test fits into memory: there is nothing to hold back.
    paused: false,
    pause() {},
    resume() {},
    abort: (reason) => ended.abort(reason),
  };
}
