/** A GET whose answer is read a piece at a time. */
export interface BoundedGet {
  readonly url: URL;
  /** A unix socket to send it over. */
  readonly socketPath?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly ca?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  /** Takes the body; `false` ends it, the rest is not read. */
  readonly onChunk: (chunk: Uint8Array) => boolean;
}

/**
 * Sends one GET over a connection of its own, which is closed after. Follows no redirect.
 *
 * @throws Error with what went wrong, in words that hold no header; for any status but 200 too
 */
export async function boundedGet({ url, socketPath, headers, ca, signal, onChunk }: BoundedGet): Promise<void> {
  // Not imported: an ES module that imports node:http makes all that it exports, WebSocket too, which takes 20 ms.
  const { request: send } = process.getBuiltinModule(url.protocol === "https:" ? "node:https" : "node:http");
  await new Promise<void>((resolve, reject) => {
    const request = send(
      url,
      {
        // No pool: what is asked once in a while must not hold a socket open.
        agent: false,
        signal,
        headers: { accept: "text/plain;version=0.0.4, application/json", "accept-encoding": "identity", ...headers },
        ...(socketPath === undefined ? {} : { socketPath }),
        ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : Buffer.from(ca) }),
      },
      (response) => {
        if (response.statusCode !== 200) {
          request.destroy();
          return reject(new Error(`answered ${response.statusCode}`));
        }
        response.on("data", (chunk: Uint8Array) => {
          if (onChunk(chunk)) return;
          resolve();
          request.destroy();
        });
        response.on("end", resolve);
        response.on("error", (error) => reject(plain(error)));
        response.on("aborted", () => reject(new Error("the answer was cut")));
      },
    );
    request.on("error", (error) => reject(plain(error)));
    request.end();
  });
}

/** {@link boundedGet} of a JSON document. @throws Error for one above `maxBytes`, and for what is none */
export async function boundedGetJson(get: Omit<BoundedGet, "onChunk">, maxBytes = 4 * 1024 * 1024): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await boundedGet({
    ...get,
    onChunk: (chunk) => {
      length += chunk.length;
      chunks.push(chunk);
      return length <= maxBytes;
    },
  });
  if (length > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Error("the answer is no JSON");
  }
}

/** Reads a page's address. @throws TypeError that names the option */
export function readUrl(caller: string, name: string, value: unknown): URL {
  const refuse = (problem: string) => new TypeError(`${caller}: ${name} ${problem}`);
  const text = value instanceof URL ? value.href : value;
  if (typeof text !== "string" || !URL.canParse(text))
    throw refuse("must be an address such as http://host:9090/metrics");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refuse("must begin with http: or https:");
  if (url.username !== "" || url.password !== "") throw refuse("must not hold user-info: use headers");
  return url;
}

/** A page as reports call it: without its query, which may hold a token. */
export function nameOfUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function plain(error: NodeJS.ErrnoException): Error {
  if (error.name === "AbortError") return new Error("given up");
  return new Error(error.code === undefined ? error.message : `${error.code} ${error.syscall ?? ""}`.trim());
}
