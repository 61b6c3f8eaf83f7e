import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** Counts the connections that this process tries to open, by port; those that are refused too. */
export class Connects {
  readonly #begun = new Map<number, number>();
  readonly #onSocket = (message: unknown) => {
    (message as { readonly socket: Socket }).socket.on("connectionAttempt", (_address, port) => {
      this.#begun.set(port, this.to(port) + 1);
    });
  };

  constructor() {
    subscribe("net.client.socket", this.#onSocket);
  }

  to(port: number): number {
    return this.#begun.get(port) ?? 0;
  }

  stop(): void {
    unsubscribe("net.client.socket", this.#onSocket);
  }
}
