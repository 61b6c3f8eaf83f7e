import type { ClientHttp2Stream } from "node:http2";
import type { CallCredentials, ChannelInterface, status as grpcStatus, Metadata, StatusObject } from "@grpc/grpc-js";
import type { OutgoingMessage } from "../wire/wire-writer.ts";

/*
 * What this library knows more of grpc-js than its documentation says. All of it looks before it touches, and with another
 * grpc-js inside nothing breaks: calls take the long way, messages are sent as Buffers, compression is as good as its own.
 */

interface FilterFactory {
  readonly sharedFilterConfig?: { serverSupportedEncodingHeader?: string };
}

/** What a call's metadata and messages go through on their way out and in. */
export interface FilterStack {
  sendMetadata(metadata: Promise<Metadata>): Promise<Metadata>;
  sendMessage(message: Promise<{ message: OutgoingMessage; flags: number }>): Promise<{ message: Buffer }>;
  receiveMetadata(metadata: Metadata): Metadata;
  /** From a message as it was framed to its content. */
  receiveMessage(framed: Buffer): Promise<Buffer>;
}

interface FilterStackFactory {
  readonly factories: readonly FilterFactory[];
  clone(): { createFilter(): FilterStack };
}

/** A channel of grpc-js from within. @see grpc-js build/src/internal-channel.js */
export interface ChannelInside {
  readonly filterStackFactory: FilterStackFactory;
  /** What servers are told that they are called. */
  readonly defaultAuthority: string;
  /** The service configuration for a method; without one before the name was looked up. */
  getConfig(path: string, metadata: Metadata): { readonly config?: CallConfig };
  createLoadBalancingCall(
    config: CallConfig,
    path: string,
    host: string,
    credentials: CallCredentials,
    deadline: number,
    callNumber: number | undefined,
  ): SingleTry;
  /** The channel counts its calls: one that has some does not go idle. */
  onCallStart(): void;
  onCallEnd(status: StatusObject): void;
}

/** @see grpc-js build/src/resolver.d.ts CallConfig */
export interface CallConfig {
  readonly status: grpcStatus;
  readonly methodConfig: {
    readonly timeout?: unknown;
    readonly retryPolicy?: unknown;
    readonly hedgingPolicy?: unknown;
  };
  readonly dynamicFilterFactories: readonly unknown[];
  readonly pickInformation: object;
  readonly onCommitted?: unknown;
}

/** One try of a call. @see grpc-js build/src/load-balancing-call.js */
export interface SingleTry {
  start(metadata: Metadata, listener: TryListener): void;
  startRead(): void;
  sendMessageWithContext(context: object, framed: Buffer): void;
  halfClose(): void;
  cancelWithStatus(code: grpcStatus, details: string): void;
}

export interface TryListener {
  onReceiveMetadata(metadata: Metadata): void;
  /** As it was framed, and maybe compressed. */
  onReceiveMessage(framed: Buffer): void;
  onReceiveStatus(status: TryStatus): void;
}

/** How a try ended, and how far it had come. */
export interface TryStatus extends StatusObject {
  readonly progress?: "NOT_STARTED" | "DROP" | "REFUSED" | "PROCESSED";
}

/** The inside of a channel; undefined where it is not as it is known here, down to the one filter that it has. */
export function insideOf(channel: ChannelInterface): ChannelInside | undefined {
  const inside = (channel as { internalChannel?: Partial<ChannelInside> }).internalChannel;
  if (inside === undefined || filterStackOf(channel)?.factories.length !== 1) return undefined;
  const { getConfig, createLoadBalancingCall, onCallStart, onCallEnd, defaultAuthority } = inside;
  const known = [getConfig, createLoadBalancingCall, onCallStart, onCallEnd];
  if (typeof defaultAuthority !== "string" || !known.every((method) => typeof method === "function")) return undefined;
  return inside as ChannelInside;
}

function filterStackOf(channel: ChannelInterface): FilterStackFactory | undefined {
  const stack = (channel as { internalChannel?: Partial<ChannelInside> }).internalChannel?.filterStackFactory;
  return Array.isArray(stack?.factories) && typeof stack.clone === "function" ? stack : undefined;
}

/**
 * Whether this channel frames a message through nothing but `length` and `copy`. Then a request can write itself
 * into grpc-js' frame, one copy of the tensors instead of two. Found out by sending a message of one byte through the
 * channel's own filters and looking at the frame.
 *
 * @see grpc-js build/src/compression-filter.js IdentityHandler.writeMessage
 */
export async function takesLazyMessages(channel: ChannelInterface): Promise<boolean> {
  try {
    const filters = filterStackOf(channel)?.clone().createFilter();
    if (filters === undefined) return false;
    const copies: number[] = [];
    const probe: OutgoingMessage = {
      length: 1,
      copy(target, offset) {
        copies.push(offset);
        target[offset] = 0xa5;
        return 1;
      },
    };
    const { message } = await filters.sendMessage(Promise.resolve({ message: probe, flags: 0 }));
    return copies.length === 1 && message.equals(Buffer.from([0, 0, 0, 0, 1, 0xa5]));
  } catch {
    return false;
  }
}

/**
 * Keeps gzip on after the first answer. grpc-js splits a server's `grpc-accept-encoding` at commas and then misses
 * `gzip` in `identity, deflate, gzip`, which is how servers in C++ write it, with spaces: from then on it sends
 * everything uncompressed.
 *
 * @see grpc-js build/src/compression-filter.js CompressionFilter.constructor
 */
export function keepCompression(channel: ChannelInterface): void {
  for (const { sharedFilterConfig } of filterStackOf(channel)?.factories ?? []) {
    if (sharedFilterConfig === undefined) continue;
    let header: string | undefined;
    Object.defineProperty(sharedFilterConfig, "serverSupportedEncodingHeader", {
      get: () => header,
      set: (value: unknown) => {
        header = typeof value === "string" ? value.replaceAll(" ", "") : undefined;
      },
    });
  }
}

interface StreamCall {
  readonly http2Stream?: Partial<ClientHttp2Stream>;
  listener?: object;
  decoder?: object;
}

/**
 * Whether Node is through with what a try had to send: all of it went to the operating system. `finish` comes after
 * the last write was called back without an error, and a write is called back when its bytes were written.
 *
 * @see grpc-js build/src/load-balancing-call.js child, subchannel-call.js http2Stream
 */
export function hasGoneOut(sent: SingleTry): boolean {
  return (sent as { child?: StreamCall | null }).child?.http2Stream?.writableFinished === true;
}

/** What a call has that is never told anything again. */
const NOBODY = { onReceiveMetadata() {}, onReceiveMessage() {}, onReceiveStatus() {} };

/** What a call has that gets nothing more to read. */
const NOTHING = { write: () => [] };

/**
 * Parts a try that has ended well, and was told so, from its HTTP/2 stream. Node's writable streams have a function
 * that V8 puts with the old objects, so each stream lives until the next full collection with all that its listeners
 * reach. For a small call those are kilobytes of calls, metadata and messages, which each collection of young objects has
 * to copy: it takes half as long without them. For a large reply it is all that came from the socket, in the decoder: what a
 * collection of young objects could not give back would make a full one come sooner.
 *
 * @see grpc-js build/src/subchannel-call.js Http2SubchannelCall.listener and .decoder, stream-decoder.js
 */
export function partFromStream(ended: SingleTry): void {
  const onStream = (ended as { child?: StreamCall | null }).child;
  if (onStream?.http2Stream === undefined) return;
  if (onStream.listener !== undefined) onStream.listener = NOBODY;
  if (onStream.decoder !== undefined) onStream.decoder = NOTHING;
}
