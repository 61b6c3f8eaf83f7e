import { fork } from "node:child_process";
import { once } from "node:events";
import { sibling } from "./sibling.ts";

export interface Ports {
  readonly grpcPort: number;
  readonly httpPort: number;
}

/** Starts the server in a process of its own; it ends with this one, or when told. */
export async function startServer(): Promise<Ports & { stop(): void }> {
  const child = fork(sibling("server"), { execArgv: [] });
  const [ports] = (await once(child, "message")) as [Ports];
  return { ...ports, stop: () => child.disconnect() };
}
