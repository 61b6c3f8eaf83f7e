import { connect } from "node:net";

/** How long the preferred family is waited for before the other one is tried beside it (RFC 8305, section 8). */
const HEAD_START_MS = 250;

/** Tries to connect, and says whether it could; false when `signal` aborts first. Closes what it opened. */
export type Reach = (address: string, port: number, signal: AbortSignal) => Promise<boolean>;

/** Connects by TCP and sends nothing. */
export const reachByTcp: Reach = (address, port, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (reached: boolean) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(reached);
    };
    const onAbort = () => end(false);
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });

/**
 * Which of two addresses of different families answers: the first one if it does so in a quarter of a second, else
 * whichever is sooner. Undefined when neither does within `timeoutMs`.
 */
export async function raceFamilies(
  addresses: readonly [string, string],
  port: number,
  timeoutMs: number,
  reach: Reach,
): Promise<string | undefined> {
  const controller = new AbortController();
  const { signal } = controller;
  const [preferred, other] = addresses;
  const timers: NodeJS.Timeout[] = [];
  try {
    return await new Promise<string | undefined>((resolve) => {
      let failed = 0;
      let started = false;
      const tryOne = (address: string) =>
        reach(address, port, signal).then((reached) => {
          if (reached) resolve(address);
          else if (++failed === 2) resolve(undefined);
          else startOther();
        });
      const startOther = () => {
        if (started) return;
        started = true;
        void tryOne(other);
      };
      timers.push(setTimeout(startOther, HEAD_START_MS));
      timers.push(setTimeout(() => resolve(undefined), Math.min(timeoutMs, 2 ** 31 - 1)));
      void tryOne(preferred);
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    controller.abort();
  }
}
