import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createClientOver } from "../../../src/client/client.ts";
import { joinLiveClients } from "../../../src/client/live-clients.ts";
import { toSettings } from "../../../src/client/settings.ts";
import type { Logger } from "../../../src/contract/logger.ts";
import type { Transport } from "../../../src/contract/transport.ts";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const leave of undo.splice(0)) leave();
});

function listen() {
  const warnings: [message: string, fields: unknown][] = [];
  return { warnings, logger: { warn: (message, fields) => void warnings.push([message, fields]) } satisfies Logger };
}

function join(count: number, endpoint: string, logger: Logger): object[] {
  const clients = Array.from({ length: count }, () => ({}));
  undo.push(...clients.map((client) => joinLiveClients(client, endpoint, logger)));
  return clients;
}

describe("joinLiveClients", () => {
  it("says nothing of ten clients of one address, and of any number of different ones", () => {
    const { warnings, logger } = listen();
    const held = [join(10, "grpc://ten:8500", logger)];
    for (let port = 1; port <= 50; port++) held.push(join(1, `grpc://many:${port}`, logger));
    expect(warnings).toEqual([]);
    expect(held).toHaveLength(51);
  });

  it("warns of the eleventh, and then not before there are ten times as many", () => {
    const { warnings, logger } = listen();
    const clients = join(100, "grpc://a:8500", logger);
    expect(warnings).toEqual([
      [
        "11 clients of grpc://a:8500 are in use at once, each with connections of its own: one client serves any number of calls, and close() ends one that is done",
        { endpoint: "grpc://a:8500", clients: 11 },
      ],
    ]);
    expect(clients.concat(join(10, "grpc://a:8500", logger))).toHaveLength(110);
    expect(warnings[1]?.[1]).toEqual({ endpoint: "grpc://a:8500", clients: 101 });
  });

  it("warns through the process where the logger does not", () => {
    const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const held = join(11, "http://a:8501", {});
    expect(emitWarning).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/^11 clients of http:\/\/a:8501 are in use at once/),
      { code: "TFSERVING_MANY_CLIENTS" },
    );
    expect(held).toHaveLength(11);
  });

  it("counts no client that nobody holds any more, and keeps nothing of it", async () => {
    const { warnings, logger } = listen();
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const places = () => (globalThis as { [key: symbol]: Map<string, unknown> })[Symbol.for("tfserving.liveClients.1")];
    for (let round = 0; round < 20; round++) {
      joinLiveClients({ round }, "grpc://gone:8500", logger);
      const look = () => {
        gc();
        expect(places()?.has("grpc://gone:8500")).toBe(false);
      };
      await vi.waitFor(look, { timeout: 30_000, interval: 5 });
    }
    expect(warnings).toEqual([]);
  });
});

describe("a client", () => {
  const call = (async () => ({ versions: [] })) as unknown as Transport["call"];
  const transport: Transport = { name: "grpc", endpoint: "grpc://counted:8500", call, async close() {} };
  const made = (logger: Logger) => createClientOver(transport, toSettings({ logger }, true));

  it("is counted from its first call to the end of its close", async () => {
    const { warnings, logger } = listen();
    const idle = Array.from({ length: 20 }, () => made(logger));
    for (let one = 0; one < 20; one++) {
      await using client = made(logger);
      await client.getModelStatus({ model: "m" });
    }
    expect(warnings).toEqual([]);
    for (const client of idle) await client.getModelStatus({ model: "m" });
    expect(warnings).toHaveLength(1);
    for (const client of idle) await client.close();
  });
});
