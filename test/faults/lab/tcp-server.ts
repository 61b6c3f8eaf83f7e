import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** A server that is nothing but its sockets. */
export interface TcpServer {
  readonly port: number;
  /** Open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Connections taken so far. */
  readonly accepted: number;
  close(): Promise<void>;
}

export interface RawServerOptions {
  readonly tls?: TlsOptions | undefined;
  readonly port?: number;
  /** Whether it remembers what came, for the ledger. Long runs cannot. @default true */
  readonly keepArrivals?: boolean;
}

/** Listens on a free port of the loopback (or on a given one) and hands over every connection with its number. */
export async function listenTcp(
  onConnection: (socket: Socket, number: number) => void,
  { tls, port = 0 }: { readonly tls?: TlsOptions | undefined; readonly port?: number } = {},
): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const take = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that resets its connection is no failure of the laboratory.
    socket.on("error", () => {});
    socket.setNoDelay(true);
  };
  const hand = (socket: Socket) => onConnection(socket, ++accepted);
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on("connection", take);
  server.on(tls === undefined ? "connection" : "secureConnection", hand);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    get accepted() {
      return accepted;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
