import type { ChannelInterface } from "@grpc/grpc-js";
import type { OutgoingMessage } from "../wire/wire-writer.ts";

/**
 * The two places where this library knows more of grpc-js than its documentation says. Both look before they touch,
 * and with another grpc-js inside nothing breaks: messages are sent as Buffers, and compression is as good as its own.
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
