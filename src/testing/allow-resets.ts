import type { ServerOptions } from "node:http2";
import type { Server } from "@grpc/grpc-js";

/** More than anybody cancels. */
const MANY = 1_000_000_000;

/**
 * Lets clients cancel as many calls as they like. Node's own HTTP/2 ends the connection of one that resets a thousand
 * streams at once, or later more than 33 a second, and all its other calls with it.
 *
 * Node.js 22 and 24 can be told so. On 20, and with another grpc-js inside, the limit stays.
 *
 * @see https://nodejs.org/api/http2.html streamResetBurst; grpc-js build/src/server.js Server.commonServerOptions
 */
export function allowResets(server: Server): void {
  const { commonServerOptions } = server as unknown as { readonly commonServerOptions?: ServerOptions };
  if (typeof commonServerOptions !== "object") return;
  Object.assign(commonServerOptions, { streamResetBurst: MANY, streamResetRate: MANY });
}
