import type { Call, Transport } from "../contract/transport.ts";

/** A transport that is opened by its first call. A failure to open rejects that call; the next one tries again. */
export function lazyTransport(name: Transport["name"], endpoint: string, open: () => Promise<Transport>): Transport {
  let ready: Transport | undefined;
  let opening: Promise<Transport> | undefined;
  let closed = false;

  async function opened(): Promise<Transport> {
    opening ??= open();
    try {
      ready = await opening;
      return ready;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  const callSoon: Call = async (operation, request, context) => {
    context.ledger.phase = "loading the transport";
    const transport = await opened();
    // Loading is not to be stopped, and the call may have ended meanwhile.
    context.cancellation.throwIfCancelled();
    context.ledger.phase = "waiting for the server";
    return transport.call(operation, request, context);
  };

  return {
    name,
    endpoint,
    // No promise of its own once there is nothing to wait for.
    call: (operation, request, context) =>
      ready === undefined ? callSoon(operation, request, context) : ready.call(operation, request, context),
    async connect(context) {
      context.ledger.phase = "loading the transport";
      const transport = await opened();
      context.cancellation.throwIfCancelled();
      await transport.connect?.(context);
    },
    async close() {
      if (closed) return;
      closed = true;
      const transport = ready ?? (await opening?.catch(() => undefined));
      await transport?.close();
    },
  };
}
