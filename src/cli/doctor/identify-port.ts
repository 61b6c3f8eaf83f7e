import { connect as connectClear, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectSecure, type PeerCertificate, type TLSSocket } from "node:tls";

/** What a port turned out to speak. */
export type Spoken = "http2" | "http1" | "unknown";

/** What TLS was agreed on, and what certificate was shown. */
export interface TlsFacts {
  readonly version: string;
  readonly certificate: PeerCertificate;
  /** Why the certificate is not trusted: a code of Node.js; undefined when it is. */
  readonly problem: string | undefined;
}

/** A look at one port. */
export type PortFacts =
  | { readonly isOpen: false; readonly code: string }
  | {
      readonly isOpen: true;
      readonly connectMs: number;
      readonly spoken: Spoken;
      readonly tls: TlsFacts | undefined;
    };

export interface IdentifyOptions {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** Tried first; the other way is tried when that fails. */
  readonly expectTls: boolean;
  /** What the client would trust and show. */
  readonly tls: Pick<ConnectionOptions, "ca" | "cert" | "key" | "servername">;
}

/** The preface of HTTP/2 and empty settings: HTTP/2 answers with a frame, HTTP/1 with a complaint in text. */
const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const SETTINGS_FRAME = 4;
const FRAME_HEAD_BYTES = 9;

/** Finds out what a port speaks, by two connections at most and some bytes. Never rejects. */
export async function identifyPort(options: IdentifyOptions): Promise<PortFacts> {
  const ways = options.expectTls ? [lookSecure, lookClear] : [lookClear, lookSecure];
  let first: PortFacts | undefined;
  for (const look of ways) {
    const facts = await look(options);
    if (!facts.isOpen || facts.spoken !== "unknown") return facts;
    first ??= facts;
  }
  return first as PortFacts;
}

async function lookClear({ host, port, timeoutMs }: IdentifyOptions): Promise<PortFacts> {
  const startedAt = performance.now();
  const socket = connectClear({ host, port });
  try {
    await once(socket, "connect", timeoutMs);
    const connectMs = performance.now() - startedAt;
    return { isOpen: true, connectMs, spoken: await spokenOn(socket, timeoutMs), tls: undefined };
  } catch (problem) {
    return { isOpen: false, code: codeOf(problem) };
  } finally {
    socket.destroy();
  }
}

async function lookSecure({ host, port, timeoutMs, tls }: IdentifyOptions): Promise<PortFacts> {
  const startedAt = performance.now();
  const socket = connectClear({ host, port });
  let secure: TLSSocket | undefined;
  try {
    await once(socket, "connect", timeoutMs);
    const connectMs = performance.now() - startedAt;
    const servername = tls.servername ?? (isIP(host) ? "" : host);
    // What is wrong with the certificate is to be told, not to end the handshake.
    secure = connectSecure({
      ...tls,
      socket,
      host,
      servername,
      rejectUnauthorized: false,
      ALPNProtocols: ["h2", "http/1.1"],
    });
    try {
      await once(secure, "secureConnect", timeoutMs);
    } catch {
      return { isOpen: true, connectMs, spoken: "unknown", tls: undefined };
    }
    const problem = secure.authorizationError as Error | string | null | undefined;
    return {
      isOpen: true,
      connectMs,
      spoken: await spokenOverTls(secure, timeoutMs),
      tls: {
        version: secure.getProtocol() ?? "unknown",
        certificate: secure.getPeerCertificate(),
        problem: problem == null ? undefined : typeof problem === "string" ? problem : codeOf(problem),
      },
    };
  } catch (problem) {
    return { isOpen: false, code: codeOf(problem) };
  } finally {
    secure?.destroy();
    socket.destroy();
  }
}

async function spokenOverTls(socket: TLSSocket, timeoutMs: number): Promise<Spoken> {
  if (socket.alpnProtocol === "h2") return "http2";
  return socket.alpnProtocol === "http/1.1" ? "http1" : spokenOn(socket, timeoutMs);
}

/** What the other end answers to the preface of HTTP/2. */
function spokenOn(socket: Socket, timeoutMs: number): Promise<Spoken> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const judge = (isOver: boolean) => {
      const text = bytes.subarray(0, 5).toString("latin1");
      if (text === "HTTP/") settle("http1");
      else if (bytes.length >= FRAME_HEAD_BYTES) settle(bytes[3] === SETTINGS_FRAME ? "http2" : "unknown");
      else if (isOver) settle("unknown");
    };
    const over = () => judge(true);
    const timer = setTimeout(over, timeoutMs);
    const settle = (spoken: Spoken) => {
      clearTimeout(timer);
      resolve(spoken);
    };
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk.subarray(0, FRAME_HEAD_BYTES)]);
      judge(false);
    });
    socket.on("error", over);
    socket.on("close", over);
    socket.write(PREFACE);
  });
}

function once(socket: Socket, event: "connect" | "secureConnect", timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(Object.assign(new Error("too late"), { code: "ETIMEDOUT" })), timeoutMs);
    const done = (settle: () => void) => () => {
      clearTimeout(timer);
      settle();
    };
    socket.once(event, done(resolve));
    socket.once("error", (problem) => done(() => reject(problem))());
    socket.once(
      "close",
      done(() => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" }))),
    );
  });
}

function codeOf(problem: unknown): string {
  return (problem as NodeJS.ErrnoException).code ?? "unknown";
}
