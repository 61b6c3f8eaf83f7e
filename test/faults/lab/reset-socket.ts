import type { Socket } from "node:net";

/** Ends a connection with a TCP reset. Node cannot reset one that it has begun to end, and would never close it. */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded || socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}
