import { AsyncLocalStorage } from "node:async_hooks";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, it } from "vitest";
import type { CallStarted } from "../../../src/contract/call-event.ts";
import type { ClientEvent } from "../../../src/contract/client-event.ts";
import type { Instrumentation } from "../../../src/contract/instrumentation.ts";
import { Emitter, type Listeners } from "../../../src/policies/emitter.ts";
import { turn } from "./fake-clock.ts";

const ABOUT = { operation: "predict", model: "m", wire: "grpc" } as const;
const RESTORED = { type: "endpointRestored", endpoint: "grpc://a:8500" } as const;
const STARTED: CallStarted = { type: "callStarted", callId: "x-1", ...ABOUT, endpoint: "grpc://a:8500" };

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

function listenTo(name: string): unknown[] {
  const heard: unknown[] = [];
  const listener = (message: unknown) => void heard.push(message);
  subscribe(name, listener);
  undo.push(() => unsubscribe(name, listener));
  return heard;
}

function setUp(listeners: Partial<Listeners> = {}) {
  const warnings: unknown[] = [];
  const logger = { warn: (message: string, fields?: unknown) => void warnings.push([message, fields]) };
  return { warnings, emitter: new Emitter({ logger, ...listeners }) };
}

describe("Emitter", () => {
  it("tells the same object to the channel, the instrumentation and onEvent", () => {
    const told: ClientEvent[] = [];
    const heard = listenTo("tfserving:ejection");
    const onEvent = (event: ClientEvent) => void told.push(event);
    setUp({ onEvent, instrumentation: { onEvent } }).emitter.emit(RESTORED);
    expect([...heard, ...told].map((event) => event === RESTORED)).toEqual([true, true, true]);
  });

  it("has nothing to tell of calls while nobody listens", () => {
    const { emitter } = setUp();
    expect(emitter.eventsOf(ABOUT)).toBeUndefined();
    listenTo("tfserving:ejection");
    expect(emitter.eventsOf(ABOUT)).toBeUndefined();
  });

  it.each([
    "tfserving:call:start",
    "tfserving:call:end",
    "tfserving:attempt:start",
    "tfserving:attempt:end",
    "tfserving:retry",
    "tfserving:queue",
  ])("tells of calls once somebody has subscribed to %s, and no longer than that", (name) => {
    const { emitter } = setUp();
    const listener = () => {};
    subscribe(name, listener);
    expect(emitter.eventsOf(ABOUT)).toBeDefined();
    unsubscribe(name, listener);
    expect(emitter.eventsOf(ABOUT)).toBeUndefined();
  });

  it("gives each call an id of its own", () => {
    const { emitter } = setUp({ onEvent() {} });
    const ids = Array.from({ length: 100 }, () => emitter.eventsOf(ABOUT)?.identity.callId);
    expect(new Set(ids).size).toBe(100);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("SECRET");
      },
    ],
    ["rejects", () => Promise.reject(new Error("SECRET"))],
  ])("drops what a listener %s, and tells the others", async (_how, fails) => {
    const told: ClientEvent[] = [];
    const instrumentation = { onEvent: fails as () => void };
    const { emitter, warnings } = setUp({ instrumentation, onEvent: (event) => void told.push(event) });
    emitter.emit(RESTORED);
    await turn();
    expect(told).toEqual([RESTORED]);
    expect(warnings).toEqual([["instrumentation failed; the call is not affected", { event: "endpointRestored" }]]);
  });

  it("does not wait for a listener that never comes back", async () => {
    const { emitter } = setUp({ onEvent: (() => new Promise(() => {})) as () => void });
    await expect(emitter.beginCall(STARTED, async () => "well")).resolves.toBe("well");
  });

  it("begins a call within the stores that are bound to the channel of its start", async () => {
    const store = new AsyncLocalStorage<string>();
    const start = channel("tfserving:call:start");
    start.bindStore(store, (event) => (event as CallStarted).callId);
    undo.push(() => void start.unbindStore(store));
    const { emitter } = setUp();
    const seen = await emitter.beginCall(STARTED, async () => {
      await turn();
      return store.getStore();
    });
    expect(seen).toBe("x-1");
    expect(store.getStore()).toBeUndefined();
  });

  it("begins a call within what the instrumentation puts around it", async () => {
    const store = new AsyncLocalStorage<string>();
    const instrumentation: Instrumentation = { aroundCall: ({ callId }, begin) => store.run(callId, begin) };
    const { emitter } = setUp({ instrumentation });
    await expect(emitter.beginCall(STARTED, async () => store.getStore())).resolves.toBe("x-1");
  });

  it.each<[string, NonNullable<Instrumentation["aroundCall"]>, number]>([
    [
      "throws before it lets the call begin",
      () => {
        throw new Error("no");
      },
      1,
    ],
    [
      "throws after that",
      (_call, begin) => {
        begin();
        throw new Error("no");
      },
      1,
    ],
    ["does not let it begin", () => {}, 0],
    ["lets it begin when it has begun by itself", (_call, begin) => queueMicrotask(begin), 0],
    [
      "lets it begin twice",
      (_call, begin) => {
        begin();
        begin();
      },
      0,
    ],
  ])("begins a call exactly once where the instrumentation %s", async (_how, aroundCall, complaints) => {
    const { emitter, warnings } = setUp({ instrumentation: { aroundCall } });
    let begun = 0;
    await expect(emitter.beginCall(STARTED, async () => ++begun)).resolves.toBe(1);
    await turn();
    expect(begun).toBe(1);
    expect(warnings).toHaveLength(complaints);
  });
});
