import type { ClientUnaryCall, Metadata } from "@grpc/grpc-js";
import type { CallContext } from "../contract/transport.ts";
import type { Channel, ChannelUse } from "./channel/channel.ts";
import type { EndStatus } from "./channel/failure.ts";
import { fromMetadata } from "./headers.ts";
import type { OutgoingMessage } from "./wire/wire-writer.ts";

/** A unary call that ended with a status other than OK. */
export class CallEnd extends Error implements EndStatus {
  readonly code: unknown;
  readonly details: unknown;

  constructor(end: EndStatus) {
    super("call ended");
    this.code = end.code;
    this.details = end.details;
  }
}

/** The channel did not get ready in time. */
export class ConnectTimeout extends Error {}

export interface Exchange {
  readonly path: string;
  readonly message: OutgoingMessage;
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
  const { path, message, metadata, context } = exchange;
  const { cancellation, ledger } = context;
  ledger.requestBytes = message.length;
  ledger.responseBytes = undefined;
  ledger.responseHeaders = undefined;
  ledger.responseTrailers = undefined;
  const timeout = toTimeout(context.deadlineAt - performance.now());
  if (timeout !== undefined) metadata.set("grpc-timeout", timeout);
  return new Promise((resolve, reject) => {
    let call: ClientUnaryCall | undefined;
    let forgetCancel = () => {};
    let forgetConnect = () => {};
    let settled = false;
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      forgetCancel();
      forgetConnect();
      return true;
    };
    const takeReply = (bytes: Buffer): Buffer => {
      ledger.responseBytes = bytes.length;
      ledger.phase = "waiting for the end of the reply";
      // A second message would lie unread and keep the call open until its deadline: asking for it makes grpc-js
      // find it, and end the call.
      call?.call?.startRead();
      return bytes;
    };
    ledger.phase = use.ready ? "waiting for the reply" : "connecting";
    call = use.client.makeUnaryRequest<OutgoingMessage, Buffer>(
      path,
      passThrough,
      takeReply,
      message,
      metadata,
      // Not grpc-js' own deadline: it is told by the wall clock, and its timer would beat an answer that came while the
      // event loop was blocked. The cancellation brings the deadline.
      {},
      (error, reply) => {
        if (!settle()) return;
        if (error !== null) {
          if (error.metadata !== undefined) ledger.responseTrailers = fromMetadata(error.metadata);
          reject(new CallEnd(error));
        } else resolve(reply as Buffer);
      },
    );
    call.on("metadata", (received) => {
      ledger.phase = "reading the reply";
      if (!settled) ledger.responseHeaders = fromMetadata(received);
    });
    call.on("status", ({ metadata: received }) => {
      ledger.responseTrailers ??= fromMetadata(received);
    });
    if (!use.ready) {
      forgetConnect = channel.watchConnect(
        () => {
          if (!settle()) return;
          call?.cancel();
          reject(new ConnectTimeout());
        },
        () => {
          ledger.phase = "waiting for the reply";
        },
      );
    }
    forgetCancel = cancellation.onCancel((reason) => {
      if (!settle()) return;
      call?.cancel();
      reject(reason);
    });
  });
}

/** grpc-js takes what this returns for a Buffer and asks it for `length` and `copy` alone: see `takesLazyMessages`. */
function passThrough(message: OutgoingMessage): Buffer {
  return message as Buffer;
}

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
