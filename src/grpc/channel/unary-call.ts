import type { Client, status as grpcStatus, Metadata, StatusObject } from "@grpc/grpc-js";
import type { OutgoingMessage } from "../wire/wire-writer.ts";

/** Told how a unary call goes on, in the order of these methods. The end comes in any case, once, and always last. */
export interface UnaryListener {
  onReceiveMetadata(metadata: Metadata): void;
  /** Comes once for each message: a peer may send none, or several. */
  onReceiveMessage(bytes: Buffer): void;
  onReceiveStatus(status: StatusObject): void;
}

/** A unary call under way. */
export interface UnaryCall {
  /** Asks for one more message. */
  startRead(): void;
  cancelWithStatus(code: grpcStatus, details: string): void;
}

export interface OutgoingCall {
  readonly path: string;
  /** May be that of other calls too: it is copied before anything is added. */
  readonly metadata: Metadata;
  /** The time that the server has, as the header says it; undefined for no limit. */
  readonly timeout: string | undefined;
  readonly message: OutgoingMessage;
}

/**
 * Makes a call with the client of grpc-js: for users' interceptors, for messages that are compressed, for a channel that
 * is built in another way, and for as long as a channel is not connected.
 *
 * There is no deadline of grpc-js' own: that is told by the wall clock, and its timer would beat an answer that came
 * while the event loop was blocked.
 */
export function callClient(client: Client, outgoing: OutgoingCall, listener: UnaryListener): UnaryCall {
  const { path, timeout, message } = outgoing;
  const metadata = outgoing.metadata.clone();
  if (timeout !== undefined) metadata.set("grpc-timeout", timeout);
  const takeReply = (bytes: Buffer): Buffer => {
    listener.onReceiveMessage(bytes);
    return bytes;
  };
  const call = client.makeUnaryRequest(path, passThrough, takeReply, message, metadata, {}, nothing);
  call.on("metadata", (received) => listener.onReceiveMetadata(received));
  call.on("status", (status) => listener.onReceiveStatus(status));
  return call.call as UnaryCall;
}

/** grpc-js takes what this returns for a Buffer and asks it for `length` and `copy` alone: see `takesLazyMessages`. */
function passThrough(message: OutgoingMessage): Buffer {
  return message as Buffer;
}

function nothing(): void {}
