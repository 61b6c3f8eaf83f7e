import { connect, createServer, type Socket } from "node:net";

/** Stands between a client and a server and counts: what an option does to the connection is seen here. */
export interface Relay {
  readonly address: string;
  /** Connections taken so far, and those open now. */
  readonly accepted: number;
  readonly open: number;
  /** Bytes that clients have sent. */
  readonly sent: number;
  /** Settles when no connection is open. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export async function createRelay(upstream: string): Promise<Relay> {
  const { protocol, port } = new URL(upstream);
  const sockets = new Set<Socket>();
  let accepted = 0;
  let sent = 0;
  let whenIdle = () => {};
  const server = createServer((client) => {
    accepted++;
    const onward = connect(Number(port), "127.0.0.1");
    for (const [socket, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        other.destroy();
        sockets.delete(socket);
        if (sockets.size === 0) whenIdle();
      });
    }
    client.on("data", (bytes) => {
      sent += bytes.length;
    });
    client.pipe(onward).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `${protocol}//127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    address,
    get accepted() {
      return accepted;
    },
    get open() {
      return sockets.size / 2;
    },
    get sent() {
      return sent;
    },
    idle: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => (whenIdle = resolve))),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
