import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../../src/assembly/create-client.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { createTestServer, type TestServer } from "../../../src/testing/test-server.ts";
import { listen } from "./listen.ts";

let server: TestServer;
let silent: Server;
let silentPort: number;

beforeAll(async () => {
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
  silent = createServer(() => {});
  silentPort = await listen(silent);
});

afterAll(async () => {
  silent.close();
  await server.close();
});

const addressOf = (wire: "grpc" | "rest") => (wire === "grpc" ? server.grpcAddress : server.restAddress);
const schemeOf = (wire: "grpc" | "rest") => (wire === "grpc" ? "grpc" : "http");

describe.each(["grpc", "rest"] as const)("connect over %s", (wire) => {
  it("resolves when a server is there, without asking for a model", async () => {
    const client = createClient(addressOf(wire));
    server.reset();
    await client.connect();
    expect(server.calls.filter(({ model }) => model === "half_plus_two")).toEqual([]);
    expect(client.endpoints()).toMatchObject([{ address: addressOf(wire), state: "active", outstanding: 0 }]);
    await client.close();
  });

  it("rejects when nobody listens, naming whom it tried", async () => {
    const client = createClient(`${schemeOf(wire)}://127.0.0.1:1`);
    await expect(client.connect()).rejects.toMatchObject({
      code: "UNAVAILABLE",
      kind: "unavailable",
      operation: "connect",
      model: undefined,
      endpoint: `${schemeOf(wire)}://127.0.0.1:1`,
    });
    await client.close();
  });

  it("rejects when the server speaks another protocol", async () => {
    const other = new URL(wire === "grpc" ? server.restAddress : server.grpcAddress).port;
    const client = createClient(`${schemeOf(wire)}://127.0.0.1:${other}`);
    await expect(client.connect()).rejects.toMatchObject({ kind: "protocol" });
    await client.close();
  });

  it("ends at its own limit, and with the reason of its signal", async () => {
    const client = createClient(`${schemeOf(wire)}://127.0.0.1:${silentPort}`, { connectTimeoutMs: 60_000 });
    await expect(client.connect({ timeoutMs: 20 })).rejects.toMatchObject({ kind: "timeout", operation: "connect" });
    const controller = new AbortController();
    const connecting = client.connect({ signal: controller.signal });
    controller.abort("changed my mind");
    await expect(connecting).rejects.toBe("changed my mind");
    await client.close();
  });

  it("rejects for options that cannot be, and after close", async () => {
    const client = createClient(addressOf(wire));
    await expect(client.connect({ timeout: 5 } as never)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      rawMessage: 'connect: unknown option "timeout"; did you mean "timeoutMs"?',
    });
    await client.close();
    await expect(client.connect()).rejects.toMatchObject({ kind: "closed" });
  });
});
