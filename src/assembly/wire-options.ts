import type { ChannelCredentials, ChannelOptions } from "@grpc/grpc-js";
import type { Dispatcher } from "undici";
import * as z from "zod/mini";
import type { Shape } from "../client/option-schemas.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Target } from "../contract/target.ts";

/** What only gRPC has: a `TypeError` on `http:` and `https:`. */
export interface GrpcOptions {
  /**
   * Settings of grpc-js, merged over the ones this client makes key by key: what is given here wins.
   * @default {}
   * @example
   * channelOptions: { "grpc.max_reconnect_backoff_ms": 2_000 }
   */
  readonly channelOptions?: ChannelOptions | undefined;
  /**
   * grpc-js credentials, where `tls` cannot say it (ALTS, a certificate provider). Instead of `tls`, not beside it.
   * @default none
   */
  readonly credentials?: ChannelCredentials | undefined;
}

/** What only REST has: a `TypeError` on `grpc:` and `grpcs:`. */
export interface RestOptions {
  /**
   * An undici dispatcher (a proxy agent, a pool of one's own) in place of the one this client makes. `tls`,
   * `connections`, `connectTimeoutMs` and `keepalive` are then its own affair, and so is closing it.
   * @default none
   */
  readonly dispatcher?: Dispatcher | undefined;
}

/** Both, as {@link createClient} takes them. */
export type WireOptions = GrpcOptions & RestOptions;

/** Options of a gRPC client. */
export type GrpcClientOptions = ClientOptions & GrpcOptions;

/** Options of a REST client. */
export type RestClientOptions = ClientOptions & RestOptions;

/** What the options of one wire may be, to be checked with the rest. */
export function wireOptionsShape(): Shape {
  return {
    channelOptions: z.optional(z.custom(isPlain, "an object of grpc-js channel options")),
    credentials: z.optional(
      z.custom((value) => typeof value === "object" && value !== null, "grpc-js ChannelCredentials"),
    ),
    dispatcher: z.optional(
      z.custom((value) => typeof (value as Dispatcher | null)?.dispatch === "function", "an undici Dispatcher"),
    ),
  };
}

/** What is wrong with options that belong to the other wire or exclude each other; undefined when nothing is. */
export function wireOptionsProblem(
  options: ClientOptions & WireOptions,
  { wire, endpoint }: Target,
): string | undefined {
  const [other, names] =
    wire === "grpc" ? ["REST", ["dispatcher"] as const] : ["gRPC", ["channelOptions", "credentials"] as const];
  for (const name of names) {
    if ((options as WireOptions)[name] !== undefined)
      return `option "${name}" is for ${other}, the address is ${endpoint}`;
  }
  for (const name of ["credentials", "dispatcher"] as const) {
    if (options[name] !== undefined && options.tls !== undefined) {
      return `the options "${name}" and "tls" exclude each other`;
    }
  }
  return undefined;
}

function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
