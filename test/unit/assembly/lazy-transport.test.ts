import { describe, expect, it } from "vitest";
import { lazyTransport } from "../../../src/assembly/lazy-transport.ts";
import type { Transport } from "../../../src/contract/transport.ts";
import { FakeTransport } from "../client/fake-transport.ts";
import { newContext } from "../policies/call-context.ts";
import { turn } from "../policies/fake-clock.ts";

const request = { model: "m" };
const answers = { getModelStatus: () => ({ versions: [] }) };

describe("lazyTransport", () => {
  it("opens with the first call, once for concurrent ones", async () => {
    const inner = new FakeTransport(answers);
    let opened = 0;
    const transport = lazyTransport("grpc", "grpc://h:8500", async () => {
      opened++;
      return inner;
    });
    expect([transport.name, transport.endpoint, opened]).toEqual(["grpc", "grpc://h:8500", 0]);
    const call = () => transport.call("getModelStatus", request, newContext());
    await Promise.all([call(), call()]);
    await call();
    expect(opened).toBe(1);
    expect(inner.sent).toHaveLength(3);
  });

  it("tries to open again after it could not", async () => {
    const inner = new FakeTransport(answers);
    let opened = 0;
    const transport = lazyTransport("grpc", "grpc://h:8500", async () => {
      if (++opened === 1) throw new Error("not installed");
      return inner;
    });
    await expect(transport.call("getModelStatus", request, newContext())).rejects.toThrow("not installed");
    await expect(transport.call("getModelStatus", request, newContext())).resolves.toEqual({ versions: [] });
  });

  it("sends nothing of a call that ended while it was opened", async () => {
    const inner = new FakeTransport(answers);
    let open: (transport: Transport) => void = () => {};
    const transport = lazyTransport("grpc", "grpc://h:8500", () => new Promise((resolve) => (open = resolve)));
    const context = newContext();
    const calling = transport.call("getModelStatus", request, context);
    expect(context.ledger.phase).toBe("loading the transport");
    context.cancellation.cancel("over");
    open(inner);
    await expect(calling).rejects.toBe("over");
    expect(inner.sent).toEqual([]);
  });

  it("closes what it opened, also when that came late, and opens nothing to close it", async () => {
    const unused = lazyTransport("grpc", "grpc://h:8500", () => Promise.reject(new Error("opened")));
    await unused.close();
    const inner = new FakeTransport(answers);
    let open: (transport: Transport) => void = () => {};
    const transport = lazyTransport("grpc", "grpc://h:8500", () => new Promise((resolve) => (open = resolve)));
    const calling = transport.call("getModelStatus", request, newContext()).catch(() => {});
    const closing = transport.close();
    open(inner);
    await closing;
    await calling;
    await transport.close();
    expect(inner.closed).toBe(1);
  });

  it("leaves no rejection unhandled when nobody waits for the opening any more", async () => {
    const transport = lazyTransport("grpc", "grpc://h:8500", () => Promise.reject(new Error("not installed")));
    await transport.call("getModelStatus", request, newContext()).catch(() => {});
    await transport.close();
    await turn();
  });
});
