import type { AddressInfo, Server } from "node:net";

/** One side of the test server, listening. */
export interface RunningServer {
  readonly port: number;
  /** Ends every connection, whatever is under way on it. */
  close(): Promise<void>;
}

/** Listens, and says on which port. @throws Error when the port is taken */
export function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
