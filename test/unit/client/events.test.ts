import { describe, expect, it } from "vitest";
import type { ClientEvent } from "../../../src/contract/client-event.ts";
import type { PredictResponse } from "../../../src/contract/predict.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import { never, rejection, setUp } from "./fake-transport.ts";

const REQUEST = { model: "m", inputs: { x: tensor.float32([1]) } };
const RESPONSE: PredictResponse = { outputs: {}, modelSpec: { name: "m", version: 3 } };

function listen() {
  const events: ClientEvent[] = [];
  return { events, onEvent: (event: ClientEvent) => void events.push(event) };
}

describe("events of a client", () => {
  it("come in the order of what happens, each under the id of its call", async () => {
    const { events, onEvent } = listen();
    let tries = 0;
    const { clock, client } = setUp(
      {
        predict: async () => {
          tries++;
          if (tries === 1) throw new ServingError("full", { code: "UNAVAILABLE", kind: "overloaded" });
          return RESPONSE;
        },
      },
      { onEvent },
    );
    const answer = client.predict(REQUEST);
    await clock.advance(5_000);
    await answer;
    expect(events.map(({ type }) => type)).toEqual([
      "callStarted",
      "attemptStarted",
      "attemptEnded",
      "retryScheduled",
      "attemptStarted",
      "attemptEnded",
      "callEnded",
    ]);
    expect(new Set(events.map((event) => "callId" in event && event.callId)).size).toBe(1);
    expect(events[3]).toMatchObject({ attempt: 1, fault: { code: "UNAVAILABLE", kind: "overloaded" } });
    expect(events[6]).toMatchObject({ outcome: "ok", servedVersion: 3 });
  });

  it("say why a failure was not tried again", async () => {
    const { events, onEvent } = listen();
    const fail = async () => {
      throw new ServingError("gone", { code: "UNAVAILABLE", kind: "unavailable" });
    };
    const retry = { budget: { ratio: 0, perSecond: 0, burst: 1 } };
    const { clock, client } = setUp({ predict: fail }, { onEvent, retry });
    await rejection(client.predict(REQUEST, { timeoutMs: 0.000_001 }));
    const paid = rejection(client.predict(REQUEST));
    await clock.advance(5_000);
    await paid;
    const refused = events.filter(({ type }) => type === "retryRefused");
    expect(refused).toMatchObject([
      { attempt: 1, reason: "deadline", fault: { code: "UNAVAILABLE", kind: "unavailable" } },
      { attempt: 2, reason: "budget" },
    ]);
  });

  it("tell of waiting for the concurrency limit, of leaving its queue, and of finding it full", async () => {
    const { events, onEvent } = listen();
    const answers: (() => void)[] = [];
    const predict = () => new Promise<PredictResponse>((resolve) => answers.push(() => resolve(RESPONSE)));
    const concurrency = { initialLimit: 1, maxLimit: 1, maxQueue: 2 };
    const { clock, client } = setUp({ predict }, { onEvent, concurrency });
    const first = client.predict(REQUEST);
    const second = client.predict(REQUEST);
    const controller = new AbortController();
    const third = client.predict(REQUEST, { signal: controller.signal }).catch(() => {});
    await clock.advance(0);
    const fourth = await rejection(client.predict(REQUEST));
    expect(fourth).toMatchObject({ kind: "overloaded" });
    controller.abort();
    await third;
    await clock.advance(30);
    answers[0]?.();
    await clock.advance(0);
    answers[1]?.();
    await Promise.all([first, second]);
    const queue = events.filter(({ type }) => type === "queueWaited" || type === "queueRejected");
    expect(queue).toMatchObject([
      { type: "queueRejected", underWay: 1, waiting: 2 },
      { type: "queueWaited", waitedMs: 0, admitted: false },
      { type: "queueWaited", waitedMs: 30, admitted: true },
    ]);
  });

  it("end with the call's own, also where the call is cut short", async () => {
    const { events, onEvent } = listen();
    const { clock, client } = setUp({ predict: never }, { onEvent });
    const late = rejection(client.predict(REQUEST, { timeoutMs: 50 }));
    await clock.advance(60);
    await late;
    expect(events.at(-1)).toMatchObject({ type: "callEnded", code: "DEADLINE_EXCEEDED", kind: "timeout" });
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("hook");
      },
    ],
    ["rejects", () => Promise.reject(new Error("hook"))],
    ["never comes back", never],
  ])("change nothing of a call where the listener %s", async (_how, onEvent) => {
    const { client } = setUp({ predict: async () => RESPONSE }, { onEvent: onEvent as () => void });
    await expect(client.predict(REQUEST)).resolves.toBe(RESPONSE);
  });
});
