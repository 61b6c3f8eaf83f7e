import { HttpResponse, http } from "msw";
import { Cancellation } from "../internal/cancellation.ts";
import { CallDesk } from "./call-desk.ts";
import { checkNames } from "./check-definitions.ts";
import { ConnectionReset } from "./faults.ts";
import { answerRest, type RestReply } from "./rest-handler.ts";
import type { ServingCoreOptions } from "./server-life.ts";
import { ServingCore } from "./serving-core.ts";
import { Controls, type TestControls } from "./test-controls.ts";

export interface TfServingHandlersOptions extends ServingCoreOptions {
  /** Where the client under test points, a path prefix included: `http://localhost:8501`. */
  readonly baseUrl: string;
  /** Adds CORS headers to replies. @default false */
  readonly cors?: boolean | undefined;
  /** How long a model may run, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number | undefined;
}

const OPTIONS = [
  "models",
  "baseUrl",
  "cors",
  "timeoutMs",
  "storage",
  "allowVersionLabelsForUnavailableModels",
  "batching",
] satisfies (keyof TfServingHandlersOptions)[];

/** The handlers, to be spread into `setupServer` (Node), and what a test can do to the server they stand for. */
export type TfServingHandlers = ReturnType<typeof http.all>[] & { readonly server: TestControls };

/**
 * Handlers that answer below `baseUrl` as TensorFlow Serving's REST API does, by the same rules as the test server.
 * For msw 2 and 3, and for code that asks with `fetch` or `node:http`. The clients of this package open connections of
 * their own, which msw does not see: give a REST client `dispatcher: fetchDispatcher()` in the test, or take
 * `createTestServer` or `createFakeClient` instead.
 *
 * @throws TypeError for a model that is not well defined
 * @example
 * const handlers = tfServingHandlers({ baseUrl: "http://localhost:8501", models: { half_plus_two: halfPlusTwo } });
 * const network = setupServer(...handlers);
 */
export function tfServingHandlers(options: TfServingHandlersOptions): TfServingHandlers {
  checkNames(options, OPTIONS, "tfServingHandlers");
  const core = new ServingCore(options);
  const desk = new CallDesk();
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const prefix = new URL(baseUrl).pathname.replace(/\/$/, "");
  const started = core.start();
  // Told to the first request instead.
  started.catch(() => {});
  const handler = http.all(`${baseUrl}/*`, async ({ request }) => {
    await started;
    const { pathname, search } = new URL(request.url);
    const cancellation = new Cancellation();
    const leave = () => cancellation.cancel(new Error("the client has left"));
    request.signal.addEventListener("abort", leave, { once: true });
    try {
      const reply = await answerRest(
        core,
        desk,
        {
          method: request.method,
          target: `${pathname.slice(prefix.length)}${search}`,
          headers: Object.fromEntries(request.headers),
          body: new Uint8Array(await request.arrayBuffer()),
          cancellation,
        },
        { cors: options.cors ?? false, timeoutMs: options.timeoutMs ?? 30_000 },
      );
      return toResponse(reply);
    } catch (thrown) {
      if (thrown instanceof ConnectionReset || cancellation.cancelled) return HttpResponse.error();
      throw thrown;
    } finally {
      request.signal.removeEventListener("abort", leave);
    }
  });
  return Object.assign([handler], { server: new Controls(core, desk) });
}

function toResponse({ status, headers, body, cutAfterBytes }: RestReply): Response {
  const length = { "content-length": String(body.byteLength) };
  // Copied, because a Buffer may be a window onto memory that others use.
  const content = cutAfterBytes === undefined ? new Uint8Array(body) : cutStream(body, cutAfterBytes);
  return new HttpResponse(content, { status, headers: { ...headers, ...length } });
}

/** Part of the body, and then a failure where its end should be. */
function cutStream(body: Uint8Array, cutAfterBytes: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(body.subarray(0, cutAfterBytes));
    },
    pull(controller) {
      controller.error(new TypeError("terminated"));
    },
  });
}
