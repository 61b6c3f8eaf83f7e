import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { ModelVersionState } from "../../../src/contract/model-status.ts";
import type { ErrorKind } from "../../../src/errors/kind.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { turn } from "../policies/fake-clock.ts";
import { never, rejection, setUp } from "./fake-transport.ts";

const status = (state: ModelVersionState) => ({ versions: [{ version: 1, state }] });
const failure = (kind: ErrorKind) =>
  new ServingError("no", { code: kind === "auth" ? "UNAUTHENTICATED" : "UNAVAILABLE", kind });

describe("isReady", () => {
  it("is true for an AVAILABLE version and false for any other state", async () => {
    const { client, transport } = setUp({ getModelStatus: () => status("AVAILABLE") });
    await expect(client.model("m").isReady()).resolves.toBe(true);
    transport.answers.getModelStatus = () => status("LOADING");
    await expect(client.model("m").isReady()).resolves.toBe(false);
  });

  it.each(["unavailable", "overloaded", "timeout", "not_found"] as const)(
    "is false while the answer is %s",
    async (kind) => {
      const { client } = setUp({ getModelStatus: () => Promise.reject(failure(kind)) });
      await expect(client.model("m").isReady()).resolves.toBe(false);
    },
  );

  it("is false when its own deadline comes first", async () => {
    const { client, clock } = setUp({ getModelStatus: never });
    const asking = client.model("m").isReady({ timeoutMs: 20 });
    await clock.advance(20);
    await expect(asking).resolves.toBe(false);
  });

  it("rejects for what no waiting changes", async () => {
    const { client } = setUp({ getModelStatus: () => Promise.reject(failure("auth")) });
    await expect(client.model("m").isReady()).rejects.toMatchObject({ kind: "auth" });
  });

  it("asks the metadata for a label, which the status does not know", async () => {
    const { client, transport } = setUp({
      getModelMetadata: () => ({ modelSpec: { name: "m", version: 4 }, signatures: {} }),
    });
    const model = client.model("m", { versionLabel: "stable" });
    await expect(model.isReady()).resolves.toBe(true);
    await expect(model.waitUntilReady()).resolves.toEqual({ version: 4, state: "AVAILABLE" });
    transport.answers.getModelMetadata = () =>
      Promise.reject(
        new ServingError("Unrecognized servable version label: stable", { code: "INVALID_ARGUMENT", kind: "invalid" }),
      );
    await expect(model.isReady()).resolves.toBe(false);
  });
});

describe("waitUntilReady", () => {
  it("says which version is available", async () => {
    const { client } = setUp({ getModelStatus: () => status("AVAILABLE") });
    await expect(client.model("m").waitUntilReady()).resolves.toEqual({ version: 1, state: "AVAILABLE" });
  });

  it("looks again after 100 ms, then after twice as long, up to 1.6 s", async () => {
    const { client, clock } = setUp({ getModelStatus: () => status("LOADING") });
    const failing = rejection(client.model("m").waitUntilReady());
    const pauses: number[] = [];
    for (let look = 0; look < 7; look++) {
      await turn();
      const pauseMs = clock.nextInMs!;
      pauses.push(pauseMs);
      await clock.advance(pauseMs);
    }
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 1600, 1600]);
    await clock.advance(60_000);
    await failing;
  });

  it("goes on while nobody answers", async () => {
    const { client, clock, transport } = setUp({ getModelStatus: () => Promise.reject(failure("unavailable")) });
    const waiting = client.model("m").waitUntilReady({ pollIntervalMs: 10 });
    await clock.advance(10);
    transport.answers.getModelStatus = () => status("AVAILABLE");
    await clock.advance(20);
    await expect(waiting).resolves.toBeDefined();
  });

  it("asks a server that hangs again", async () => {
    const { client, clock, transport } = setUp({ getModelStatus: never });
    const waiting = client.model("m").waitUntilReady();
    await clock.advance(5_000);
    transport.answers.getModelStatus = () => status("AVAILABLE");
    await clock.advance(100);
    await expect(waiting).resolves.toBeDefined();
  });

  it("fails at once with the server's reason when loading ended in an error", async () => {
    const error = { code: "NOT_FOUND", message: "no saved_model.pb" } as const;
    const { client } = setUp({ getModelStatus: () => ({ versions: [{ version: 7, state: "END", error }] }) });
    expect(await rejection(client.model("m").waitUntilReady())).toMatchObject({
      message: '[NOT_FOUND] version 7 of "m" failed to load: no saved_model.pb',
      operation: "waitUntilReady",
      model: "m",
      endpoint: "grpc://localhost:8500",
      retryable: false,
    });
  });

  it("is over after timeoutMs, with what was seen last", async () => {
    const { client, clock } = setUp({ getModelStatus: () => status("LOADING") });
    const failing = rejection(client.model("m").waitUntilReady({ timeoutMs: 1_000 }));
    await clock.advance(1_000);
    expect(await failing).toMatchObject({
      message: '[DEADLINE_EXCEEDED] "m" was not ready within timeoutMs 1000; last seen: version 1 in state LOADING',
      kind: "timeout",
    });
    expect(clock.pending).toBe(0);
  });

  it("gives the errors of looks as what was seen", async () => {
    const { client, clock } = setUp({ getModelStatus: () => Promise.reject(failure("unavailable")) });
    const failing = rejection(client.model("m").waitUntilReady({ timeoutMs: 1_000 }));
    await clock.advance(1_000);
    expect(await failing).toMatchObject({
      rawMessage: '"m" was not ready within timeoutMs 1000; last seen: [UNAVAILABLE] no',
    });
  });

  it("ends at once when the signal aborts, in a pause or in a look, and leaves nothing behind", async () => {
    for (const answer of [() => status("LOADING"), never]) {
      const { client, clock } = setUp({ getModelStatus: answer });
      const controller = new AbortController();
      const failing = rejection(client.model("m").waitUntilReady({ signal: controller.signal }));
      await turn();
      controller.abort("enough");
      expect(await failing).toBe("enough");
      await turn();
      expect(clock.pending).toBe(0);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    }
  });

  it("ends at once when the client is closed", async () => {
    const { client, clock } = setUp({ getModelStatus: () => status("LOADING") });
    const failing = rejection(client.model("m").waitUntilReady());
    await turn();
    await client.close();
    expect(await failing).toMatchObject({ kind: "closed", operation: "waitUntilReady" });
    expect(clock.pending).toBe(0);
  });

  it("tells the logger what it waits for once, and does not warn of each look", async () => {
    const lines: string[] = [];
    const logger = {
      info: (message: string) => void lines.push(message),
      warn: (message: string) => void lines.push(message),
    };
    const { client, clock } = setUp({ getModelStatus: () => Promise.reject(failure("unavailable")) }, { logger });
    const failing = rejection(client.model("m").waitUntilReady({ timeoutMs: 1_000 }));
    await clock.advance(1_000);
    await failing;
    expect(lines).toEqual(["waiting until a model is ready"]);
  });
});
