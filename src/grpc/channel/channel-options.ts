import { type ChannelOptions, compressionAlgorithms } from "@grpc/grpc-js";
import type { Target } from "../../contract/target.ts";
import { VERSION } from "../../internal/version.ts";
import type { GrpcTransportOptions } from "../options.ts";

const KEEPALIVE_TIME_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;

/** First and longest pause between two attempts to connect; grpc-js itself would go up to two minutes. */
const INITIAL_BACKOFF_MS = 500;
export const MAX_BACKOFF_MS = 5_000;

/** With the 64 KiB that HTTP/2 begins with, an answer of 600 kB waits several times for leave to go on. */
const FLOW_CONTROL_WINDOW_BYTES = 8 * 1024 * 1024;

/**
 * How a channel is opened, in grpc-js' own words.
 *
 * @see https://github.com/grpc/grpc-node/tree/master/packages/grpc-js#supported-channel-options
 */
export function toChannelOptions(options: GrpcTransportOptions, compression: "gzip" | "none"): ChannelOptions {
  const { keepalive, tls, maxMessageBytes, channelOptions, target } = options;
  const limit = Number.isFinite(maxMessageBytes) ? maxMessageBytes : -1;
  return {
    "grpc.max_receive_message_length": limit,
    // What goes out is measured before grpc-js sees it, with an error that says what to do.
    "grpc.max_send_message_length": -1,
    "grpc-node.flow_control_window": FLOW_CONTROL_WINDOW_BYTES,
    // Or whoever answers DNS could set a retry policy.
    "grpc.service_config_disable_resolution": 1,
    // A connection of its own: equal channels would share one otherwise.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": INITIAL_BACKOFF_MS,
    "grpc.max_reconnect_backoff_ms": MAX_BACKOFF_MS,
    "grpc.enable_channelz": 0,
    "grpc.primary_user_agent": `tfserving-node/${VERSION}`,
    ...(keepalive === false
      ? {}
      : {
          "grpc.keepalive_time_ms": keepalive.timeMs ?? KEEPALIVE_TIME_MS,
          "grpc.keepalive_timeout_ms": keepalive.timeoutMs ?? KEEPALIVE_TIMEOUT_MS,
          // Servers answer pings on a connection without calls with a GOAWAY.
          "grpc.keepalive_permit_without_calls": 0,
        }),
    // A name that was looked up already stays what servers, proxies and certificates go by.
    ...(target.address === undefined ? {} : { "grpc.default_authority": `${target.host}:${target.port}` }),
    ...(target.secure && target.address !== undefined ? { "grpc.ssl_target_name_override": target.host } : {}),
    ...(tls?.serverName === undefined ? {} : { "grpc.ssl_target_name_override": tls.serverName }),
    ...(compression === "gzip" ? { "grpc.default_compression_algorithm": compressionAlgorithms.gzip } : {}),
    ...channelOptions,
  };
}

/** The address as grpc-js wants it: `dns:host:port`, `dns:[::1]:port`, `unix:/path`. */
export function toGrpcTarget(target: Target): string {
  if (target.socketPath !== undefined) return `unix:${target.socketPath}`;
  const host = target.address ?? target.host;
  return `dns:${host.includes(":") ? `[${host}]` : host}:${target.port}`;
}
