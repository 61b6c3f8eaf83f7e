import { CallCredentials, type Client, status as grpcStatus, Metadata, type StatusObject } from "@grpc/grpc-js";
import type { OutgoingMessage } from "../wire/wire-writer.ts";
import { metadataForCall } from "./call-metadata.ts";
import { FramePool } from "./frame-pool.ts";
import {
  type CallConfig,
  type ChannelInside,
  type FilterStack,
  hasGoneOut,
  insideOf,
  partFromStream,
  type SingleTry,
  type TryListener,
  type TryStatus,
  takesLazyMessages,
} from "./grpc-internals.ts";
import type { OutgoingCall, UnaryCall, UnaryListener } from "./unary-call.ts";

const NO_CREDENTIALS = CallCredentials.createEmpty();
const NO_DEADLINE = Number.POSITIVE_INFINITY;

/**
 * Makes calls on a connected channel with the part of grpc-js that chooses a connection and speaks HTTP/2 on it. The
 * layers above that are left out: client and interceptors, the wait for a name and its service configuration, filters, a
 * buffer for retries. For a small call they are a quarter of its garbage, and this library does without what they do,
 * or does it itself.
 */
export class ShortWay {
  readonly #inside: ChannelInside;
  /** What the filters of the channel would add to the metadata of a call. */
  readonly #added: Metadata;
  readonly #frames = new FramePool();
  /** What the last call was made with, and the same with what is added. A client's headers are mostly the same object. */
  #latest: { readonly given: Metadata; readonly sent: Metadata } | undefined;

  private constructor(inside: ChannelInside, added: Metadata) {
    this.#inside = inside;
    this.#added = added;
  }

  /**
   * The short way of a client's channel, where it is as this library knows it: found out by sending metadata and a message
   * through its filters, and with a call that is cancelled before anything of it can be sent.
   */
  static async of(client: Client): Promise<ShortWay | undefined> {
    try {
      const channel = client.getChannel();
      const inside = insideOf(channel);
      if (inside === undefined || !(await takesLazyMessages(channel))) return undefined;
      const added = await newFilters(inside).sendMetadata(Promise.resolve(new Metadata()));
      return obeys(inside) ? new ShortWay(inside, added) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Begins a call; undefined where the channel has plans for it that the short way knows nothing of. */
  call(outgoing: OutgoingCall, listener: UnaryListener): UnaryCall | undefined {
    const inside = this.#inside;
    const { path, metadata, timeout, message } = outgoing;
    const { config } = inside.getConfig(path, metadata);
    if (config === undefined || !isPlain(config)) return undefined;
    const framed = frame(message, this.#frames);
    const request = { config, path, timeout, metadata: this.#sent(metadata), framed };
    const call = new ShortCall(inside, this.#frames, request, listener);
    inside.onCallStart();
    return call;
  }

  #sent(given: Metadata): Metadata {
    if (this.#latest?.given !== given) {
      const sent = given.clone();
      sent.merge(this.#added);
      this.#latest = { given, sent };
    }
    return this.#latest.sent;
  }
}

/** What a try is made of, and another one like it. */
interface Request {
  readonly config: CallConfig;
  readonly path: string;
  readonly timeout: string | undefined;
  readonly metadata: Metadata;
  readonly framed: Buffer;
}

/** One call: mostly a single try. */
class ShortCall implements UnaryCall, TryListener {
  readonly #inside: ChannelInside;
  readonly #frames: FramePool;
  /** To be given back, where it was sent once. */
  #framed: Buffer | undefined;
  readonly #listener: UnaryListener;
  /** Kept until an answer begins: up to then the server may say that it has not looked at it. */
  #request: Request | undefined;
  #try: SingleTry;
  #wasRefused = false;
  /** There where the reply is compressed. */
  #filters: FilterStack | undefined;
  #isFiltering = false;
  /** An end that came while the message before it was still being decompressed. */
  #end: StatusObject | undefined;

  constructor(inside: ChannelInside, frames: FramePool, request: Request, listener: UnaryListener) {
    this.#inside = inside;
    this.#frames = frames;
    this.#framed = request.framed;
    this.#request = request;
    this.#listener = listener;
    this.#try = this.#begin(request);
  }

  startRead(): void {
    this.#try.startRead();
  }

  cancelWithStatus(code: grpcStatus, details: string): void {
    this.#isFiltering = false;
    if (this.#end === undefined) {
      this.#try.cancelWithStatus(code, details);
      return;
    }
    // The try is over, but its caller has not been told so.
    this.#end = undefined;
    this.#finish({ code, details, metadata: new Metadata() });
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#request = undefined;
    const encoding = metadata.get("grpc-encoding")[0];
    if (encoding !== undefined && encoding !== "identity") this.#filters = newFilters(this.#inside);
    this.#listener.onReceiveMetadata(this.#filters?.receiveMetadata(metadata) ?? metadata);
  }

  onReceiveMessage(framed: Buffer): void {
    if (this.#filters === undefined && framed[0] !== 1) this.#listener.onReceiveMessage(framed.subarray(HEAD_BYTES));
    else this.#decompress(framed);
  }

  onReceiveStatus(status: TryStatus): void {
    if (this.#request !== undefined && this.#mayRepeat(status)) {
      // A try that was refused may still be sending it.
      this.#framed = undefined;
      this.#try = this.#begin(this.#request);
    } else if (this.#isFiltering) this.#end = status;
    else this.#finish(status);
  }

  #begin({ config, path, timeout, metadata, framed }: Request): SingleTry {
    const own = metadataForCall(metadata);
    if (timeout !== undefined) own.set("grpc-timeout", timeout);
    const call = newTry(this.#inside, config, path);
    call.start(own, this);
    call.startRead();
    call.sendMessageWithContext({}, framed);
    call.halfClose();
    return call;
  }

  /** grpc-js does the same by itself: no server has looked at what was not sent, or was refused. */
  #mayRepeat({ progress }: TryStatus): boolean {
    if (progress === "NOT_STARTED") return true;
    if (progress !== "REFUSED" || this.#wasRefused) return false;
    this.#wasRefused = true;
    return true;
  }

  #decompress(framed: Buffer): void {
    this.#filters ??= newFilters(this.#inside);
    this.#isFiltering = true;
    this.#filters.receiveMessage(framed).then(
      (message) => {
        if (!this.#isFiltering) return;
        this.#isFiltering = false;
        this.#listener.onReceiveMessage(message);
        if (this.#end !== undefined) this.#finish(this.#end);
      },
      ({ code, details }: StatusObject) => {
        if (this.#isFiltering) this.cancelWithStatus(code, details);
      },
    );
  }

  #finish(status: StatusObject): void {
    this.#request = undefined;
    if (this.#framed !== undefined && hasGoneOut(this.#try)) this.#frames.giveBack(this.#framed);
    this.#framed = undefined;
    this.#inside.onCallEnd(status);
    if (status.code === grpcStatus.OK) partFromStream(this.#try);
    this.#listener.onReceiveStatus(status);
  }
}

/** The flag and the length that each message begins with. */
const HEAD_BYTES = 5;

function frame(message: OutgoingMessage, frames: FramePool): Buffer {
  const framed = frames.take(HEAD_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  message.copy(framed, HEAD_BYTES);
  return framed;
}

function newFilters({ filterStackFactory }: ChannelInside): FilterStack {
  return filterStackFactory.clone().createFilter();
}

function newTry(inside: ChannelInside, config: CallConfig, path: string): SingleTry {
  return inside.createLoadBalancingCall(config, path, inside.defaultAuthority, NO_CREDENTIALS, NO_DEADLINE, undefined);
}

const PLAIN: CallConfig = {
  status: grpcStatus.OK,
  methodConfig: {},
  dynamicFilterFactories: [],
  pickInformation: {},
};

/** No retries, timeouts and filters of a service configuration, which is the user's then. */
function isPlain({ status, methodConfig, dynamicFilterFactories, onCommitted }: CallConfig): boolean {
  const { timeout, retryPolicy, hedgingPolicy } = methodConfig;
  return (
    status === grpcStatus.OK &&
    dynamicFilterFactories.length === 0 &&
    onCommitted === undefined &&
    timeout === undefined &&
    retryPolicy === undefined &&
    hedgingPolicy === undefined
  );
}

/** Whether a try that is cancelled says so, at once. */
function obeys(inside: ChannelInside): boolean {
  let end: number | undefined;
  const call = newTry(inside, PLAIN, "/");
  const knownMethods = [call.startRead, call.sendMessageWithContext, call.halfClose];
  call.start(new Metadata(), {
    onReceiveMetadata() {},
    onReceiveMessage() {},
    onReceiveStatus({ code }) {
      end = code;
    },
  });
  call.cancelWithStatus(grpcStatus.CANCELLED, "");
  return end === grpcStatus.CANCELLED && knownMethods.every((method) => typeof method === "function");
}
