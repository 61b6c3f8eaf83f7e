import { describe, expect, it } from "vitest";
import type { EndpointEvent } from "../../../src/contract/events.ts";
import { renewSilent } from "../../../src/endpoints/renew-silent.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { newContext } from "../policies/call-context.ts";
import { FakeClock, turn } from "../policies/fake-clock.ts";
import { type Behaviour, gone, SimHost } from "./sim-hosts.ts";

function setUp(behaviour: Behaviour = () => "silence") {
  const clock = new FakeClock();
  const events: EndpointEvent[] = [];
  const opened: SimHost[] = [];
  const transport = renewSilent(
    () => {
      const host = new SimHost("grpc://h:8500", clock, behaviour);
      opened.push(host);
      return host;
    },
    { clock, emit: (event) => events.push(event) },
  );
  const begin = (timeoutMs = 100, phase?: string) => {
    const cancellation = new Cancellation();
    const context = newContext({ cancellation });
    const calling = transport.call("getModelStatus", { model: "m" }, context).then(
      () => "ok",
      (error: unknown) => error,
    );
    if (phase !== undefined) context.ledger.phase = phase;
    const end = (reason: unknown = new ServingError("late", { code: "DEADLINE_EXCEEDED", kind: "timeout" })) =>
      cancellation.cancel(reason);
    clock.setTimeout(() => end(), timeoutMs);
    return { calling, end };
  };
  const call = async (timeoutMs = 100, phase?: string) => {
    const { calling } = begin(timeoutMs, phase);
    await clock.advance(timeoutMs);
    return calling;
  };
  return { clock, events, opened, transport, begin, call };
}

describe("renewSilent", () => {
  it("replaces the connection after two calls in a row without a byte", async () => {
    const { call, opened, events } = setUp();
    await call();
    expect(opened).toHaveLength(1);
    await call();
    expect(opened).toHaveLength(2);
    expect(events).toEqual([{ type: "connectionReplaced", endpoint: "grpc://h:8500", timeouts: 2 }]);
    await turn();
    expect(opened[0]?.closed).toBe(1);
  });

  it("lets the last call on the old one end before it is closed", async () => {
    const { begin, call, opened, clock } = setUp();
    const long = begin(10_000);
    await call();
    await call();
    expect([opened.length, opened[0]?.closed]).toEqual([2, 0]);
    await clock.advance(10_000);
    await long.calling;
    expect(opened[0]?.closed).toBe(1);
  });

  it("waits twice as long each time, so that a slow server is not cut off again and again", async () => {
    const { call, events } = setUp();
    for (let n = 0; n < 14; n++) await call();
    expect(events.map((event) => "timeouts" in event && event.timeouts)).toEqual([2, 4, 8]);
  });

  it("counts from two again after an answer", async () => {
    const { call, opened, events } = setUp();
    await call();
    await call();
    opened[1]!.behaviour = () => ({ afterMs: 5 });
    await call();
    opened[1]!.behaviour = () => "silence";
    await call();
    await call();
    expect(events).toHaveLength(2);
  });

  it.each(["connecting", "reading the reply", "waiting for auth"])(
    "does not count calls that end while %s",
    async (phase) => {
      const { call, opened } = setUp();
      for (let n = 0; n < 4; n++) await call(100, phase);
      expect(opened).toHaveLength(1);
    },
  );

  it("does not count calls that had less time than an answer takes", async () => {
    const { call, opened } = setUp(() => ({ afterMs: 50 }));
    await call(100);
    for (let n = 0; n < 10; n++) await call(20);
    expect(opened).toHaveLength(1);
  });

  it("does not count calls that their caller ended, and begins anew after a failure that was told", async () => {
    const { begin, call, opened } = setUp();
    for (let n = 0; n < 4; n++) {
      const { calling, end } = begin();
      end("changed my mind");
      expect(await calling).toBe("changed my mind");
    }
    await call();
    opened[0]!.behaviour = () => ({ afterMs: 1, error: gone() });
    await call();
    opened[0]!.behaviour = () => "silence";
    await call();
    expect(opened).toHaveLength(1);
  });

  it("closes the current one and those that still drain", async () => {
    const { begin, call, opened, transport } = setUp();
    begin(10_000);
    await call();
    await call();
    await transport.close();
    expect(opened.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it("connects the current one", async () => {
    const { opened, transport } = setUp();
    await transport.connect?.(newContext());
    expect(opened[0]?.connects).toBe(1);
  });
});
