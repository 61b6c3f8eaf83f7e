import { type Client, status as grpcStatus, Metadata, type StatusObject } from "@grpc/grpc-js";
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
  /** Of this call alone: it is taken over. */
  readonly metadata: Metadata;
  readonly message: OutgoingMessage;
}

/** What grpc-js makes of `Channel.createCall`: it declares the method, and keeps the type to itself. */
interface ChannelCall extends UnaryCall {
  start(metadata: Metadata, listener: UnaryListener): void;
  sendMessageWithContext(context: object, message: OutgoingMessage): void;
  halfClose(): void;
}

const NO_DEADLINE = Number.POSITIVE_INFINITY;

/**
 * Makes a call on the channel, without the client of grpc-js, which puts an event emitter, interceptors, some twenty
 * closures and the stack of an error around it.
 *
 * There is no deadline of grpc-js' own: that is told by the wall clock, and its timer would beat an answer that came
 * while the event loop was blocked.
 */
export function callChannel(client: Client, outgoing: OutgoingCall, listener: UnaryListener): UnaryCall {
  const call = createCall(client, outgoing.path);
  call.start(outgoing.metadata, listener);
  call.startRead();
  call.sendMessageWithContext({}, outgoing.message);
  call.halfClose();
  return call;
}

/** The same call by the client of grpc-js: for users' interceptors, and for a channel that is built in another way. */
export function callClient(client: Client, outgoing: OutgoingCall, listener: UnaryListener): UnaryCall {
  const { path, metadata, message } = outgoing;
  const takeReply = (bytes: Buffer): Buffer => {
    listener.onReceiveMessage(bytes);
    return bytes;
  };
  const call = client.makeUnaryRequest(path, passThrough, takeReply, message, metadata, {}, nothing);
  call.on("metadata", (received) => listener.onReceiveMetadata(received));
  call.on("status", (status) => listener.onReceiveStatus(status));
  return call.call as UnaryCall;
}

/**
 * Whether `callChannel` does what it should with this channel: found out with a call that is cancelled before anything
 * of it can be sent.
 *
 * @see grpc-js build/src/resolving-call.js
 */
export function takesOwnListeners(client: Client): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const call = createCall(client, "/");
      const knownMethods = [call.startRead, call.sendMessageWithContext, call.halfClose];
      call.start(new Metadata(), {
        onReceiveMetadata: nothing,
        onReceiveMessage: nothing,
        onReceiveStatus: ({ code }) => {
          resolve(code === grpcStatus.CANCELLED && knownMethods.every((method) => typeof method === "function"));
        },
      });
      call.cancelWithStatus(grpcStatus.CANCELLED, "");
    } catch {
      resolve(false);
    }
    // It has been told by now.
    setImmediate(resolve, false);
  });
}

function createCall(client: Client, path: string): ChannelCall {
  return client.getChannel().createCall(path, NO_DEADLINE, undefined, null, undefined) as unknown as ChannelCall;
}

/** grpc-js takes what this returns for a Buffer and asks it for `length` and `copy` alone: see `takesLazyMessages`. */
function passThrough(message: OutgoingMessage): Buffer {
  return message as Buffer;
}

function nothing(): void {}
