import { createServer } from "node:net";

/** Below the ports that systems take for connections going out, above those of well-known services. */
const LOWEST = 20_000;
const COUNT = 12_000;

/**
 * A free port that stays free while its server is away: no connection going out takes it, as it may take one of those
 * that listening on port 0 gives, and none is ever its own peer.
 */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    if (await isFree(port, host)) return port;
  }
}

function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
