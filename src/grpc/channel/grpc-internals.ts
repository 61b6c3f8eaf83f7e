import type { ChannelInterface } from "@grpc/grpc-js";
import type { OutgoingMessage } from "../wire/wire-writer.ts";

/**
 * The three places where this library knows more of grpc-js than its documentation says. All look before they touch,
 * and with another grpc-js inside nothing breaks: messages are sent as Buffers, compression is as good as its own, and
 * ended calls stay until the next full collection.
 */
interface FilterFactory {
  readonly sharedFilterConfig?: { serverSupportedEncodingHeader?: string };
}

interface FilterStack {
  sendMessage(message: Promise<{ message: OutgoingMessage; flags: number }>): Promise<{ message: Buffer }>;
}

interface FilterStackFactory {
  readonly factories: readonly FilterFactory[];
  clone(): { createFilter(): FilterStack };
}

function filterStackOf(channel: ChannelInterface): FilterStackFactory | undefined {
  const inner = (channel as { internalChannel?: { filterStackFactory?: FilterStackFactory } }).internalChannel;
  const stack = inner?.filterStackFactory;
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

/** One try of a call, down to where it meets its HTTP/2 stream. */
interface Try {
  readonly call?: { readonly child?: StreamCall };
}

interface StreamCall {
  readonly http2Stream?: unknown;
  listener?: object;
}

/** What a call has that is never told anything again. */
const NOBODY = { onReceiveMetadata() {}, onReceiveMessage() {}, onReceiveStatus() {} };

/**
 * Parts a call that has ended well, and was told so, from its HTTP/2 stream. Node's writable streams have a function
 * that V8 puts with the old objects, so each stream lives until the next full collection with all that its listeners
 * reach. For a small call those are 4 kB of calls, metadata and messages, which each collection of young objects has to
 * copy: it takes half as long without them.
 *
 * @see grpc-js build/src/subchannel-call.js Http2SubchannelCall.listener
 */
export function partFromStream(call: unknown): void {
  const tries = (call as { child?: { underlyingCalls?: unknown } | null } | undefined)?.child?.underlyingCalls;
  if (!Array.isArray(tries)) return;
  for (const each of tries as readonly (Try | undefined)[]) {
    const onStream = each?.call?.child;
    if (onStream?.http2Stream !== undefined && onStream.listener !== undefined) onStream.listener = NOBODY;
  }
}
