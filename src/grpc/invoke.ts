import { status as grpcStatus, type Metadata, type StatusObject } from "@grpc/grpc-js";
import type { CallContext, CallLedger } from "../contract/transport.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import type { Channel, ChannelUse } from "./channel/channel.ts";
import type { EndStatus } from "./channel/failure.ts";
import { callClient, type UnaryCall, type UnaryListener } from "./channel/unary-call.ts";
import { fromMetadata } from "./headers.ts";
import type { OutgoingMessage } from "./wire/wire-writer.ts";

/** A unary call that ended with a status other than OK. */
export class CallEnd extends Error implements EndStatus {
  readonly code: unknown;
  readonly details: unknown;
  readonly trailers: Readonly<Record<string, string>> | undefined;
  /** Why TLS failed the last time that its channel made a connection. */
  readonly handshakeError: unknown;

  constructor({ code, details }: EndStatus, trailers: CallEnd["trailers"], handshakeError: unknown) {
    super("call ended");
    this.code = code;
    this.details = details;
    this.trailers = trailers;
    this.handshakeError = handshakeError;
  }
}

/** The channel did not get ready in time. */
export class ConnectTimeout extends Error {}

export interface Exchange {
  readonly path: string;
  readonly message: OutgoingMessage;
  /** Without the time that the call has. May be that of other calls too. */
  readonly metadata: Metadata;
  readonly context: CallContext;
}

/**
 * How much later than the call's own deadline the server gives up. The call's deadline comes as a cancellation, with the
 * error that the caller gets; the server's word for the same moment would win now and then.
 */
const DEADLINE_SLACK_MS = 20;

/**
 * One exchange: bytes out, bytes back. Fills the ledger as it goes.
 *
 * @throws CallEnd when the call ended badly, ConnectTimeout, or the cancellation's reason
 */
export function invoke(channel: Channel, use: ChannelUse, exchange: Exchange): Promise<Buffer> {
  const { path, message, context } = exchange;
  const { ledger, cancellation } = context;
  ledger.requestBytes = message.length;
  ledger.responseBytes = undefined;
  ledger.responseHeaders = undefined;
  ledger.responseTrailers = undefined;
  ledger.phase = use.ready ? WAITING : "connecting";
  const timeout = toTimeout(context.deadlineAt - performance.now());
  const outgoing = { path, metadata: exchange.metadata, timeout, message: use.lazy ? message : toBuffer(message) };
  return new Promise((resolve, reject) => {
    const reply = new Reply();
    // Waiting for a connection is the client's business.
    const shortCall = use.ready ? use.short?.call(outgoing, reply) : undefined;
    const call = shortCall ?? callClient(use.client, outgoing, reply);
    reply.follow(call, { channel, ledger, cancellation, resolve, reject }, use.ready);
  });
}

function toBuffer(message: OutgoingMessage): Buffer {
  if (Buffer.isBuffer(message)) return message;
  const bytes = Buffer.allocUnsafe(message.length);
  message.copy(bytes, 0);
  return bytes;
}

const WAITING = "waiting for the reply";

interface Waiter {
  readonly channel: Channel;
  readonly ledger: CallLedger;
  readonly cancellation: Cancellation;
  resolve(message: Buffer): void;
  reject(reason: unknown): void;
}

/** What comes back for one call, up to whatever ends it first: its status, its cancellation, or its time to connect. */
class Reply implements UnaryListener {
  /** Given up when the call has ended, like the rest: Node's stream keeps its listeners until a full collection. */
  #waiter: Waiter | undefined;
  #call: UnaryCall | undefined;
  #message: Buffer | undefined;
  #forgetConnect: (() => void) | undefined;

  /** Takes up the call that was made with this listener, and listens to what else may end it. */
  follow(call: UnaryCall, waiter: Waiter, isReady: boolean): void {
    const { channel, cancellation } = waiter;
    this.#waiter = waiter;
    this.#call = call;
    channel.outstanding++;
    if (!isReady) {
      this.#forgetConnect = channel.watchConnect(
        () => this.#giveUp(new ConnectTimeout()),
        () => this.#enter(WAITING),
      );
    }
    cancellation.follow(this);
  }

  onCancel(reason: unknown): void {
    this.#giveUp(reason);
  }

  onReceiveMetadata(metadata: Metadata): void {
    const ledger = this.#enter("reading the reply");
    if (ledger === undefined || ledger.wantsHeaders === false) return;
    // Not every way of calling takes off what is said of the messages alone.
    for (const name of OF_MESSAGES) metadata.remove(name);
    ledger.responseHeaders = fromMetadata(metadata);
  }

  onReceiveMessage(message: Buffer): void {
    if (this.#message !== undefined) {
      this.#call?.cancelWithStatus(grpcStatus.UNIMPLEMENTED, TOO_MANY);
      return;
    }
    const ledger = this.#enter("waiting for the end of the reply");
    if (ledger === undefined) return;
    ledger.responseBytes = message.length;
    this.#message = message;
    // A second message would lie unread and keep the call open until its deadline: asking for it makes grpc-js
    // find it, and end the call.
    this.#call?.startRead();
  }

  onReceiveStatus(status: StatusObject): void {
    const message = this.#message;
    const waiter = this.#leave();
    if (waiter === undefined) return;
    const { ledger, channel } = waiter;
    const isWell = status.code === grpcStatus.OK && message !== undefined;
    if (!isWell || ledger.wantsHeaders !== false) ledger.responseTrailers = fromMetadata(status.metadata);
    if (isWell) {
      waiter.resolve(message);
      return;
    }
    const end = status.code === grpcStatus.OK ? NO_MESSAGE : status;
    waiter.reject(new CallEnd(end, ledger.responseTrailers, channel.handshakeError));
  }

  #enter(phase: string): CallLedger | undefined {
    const ledger = this.#waiter?.ledger;
    if (ledger !== undefined) ledger.phase = phase;
    return ledger;
  }

  #giveUp(reason: unknown): void {
    const call = this.#call;
    const waiter = this.#leave();
    call?.cancelWithStatus(grpcStatus.CANCELLED, "Cancelled on client");
    waiter?.reject(reason);
  }

  #leave(): Waiter | undefined {
    const waiter = this.#waiter;
    if (waiter === undefined) return undefined;
    waiter.channel.outstanding--;
    waiter.cancellation.forget(this);
    this.#forgetConnect?.();
    this.#waiter = undefined;
    this.#call = undefined;
    this.#message = undefined;
    this.#forgetConnect = undefined;
    return waiter;
  }
}

const OF_MESSAGES = ["grpc-encoding", "grpc-accept-encoding"];

/** What the client of grpc-js says in these two cases. @see grpc-js build/src/client.js makeUnaryRequest */
const TOO_MANY = "Too many responses received";
const NO_MESSAGE: EndStatus = { code: grpcStatus.UNIMPLEMENTED, details: "No message received" };

/** The longest number that the header may hold has eight digits. */
const MOST = 99_999_999;

/**
 * The time that is left, as the header says it; undefined for no limit, or one beyond three years.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md Timeout
 */
function toTimeout(remainingMs: number): string | undefined {
  const ms = Math.max(1, Math.ceil(remainingMs)) + DEADLINE_SLACK_MS;
  if (ms <= MOST) return `${ms}m`;
  const seconds = Math.ceil(ms / 1000);
  return seconds <= MOST ? `${seconds}S` : undefined;
}
