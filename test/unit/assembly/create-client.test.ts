import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../../src/assembly/create-client.ts";
import { createGrpcClient } from "../../../src/assembly/create-grpc-client.ts";
import { createRestClient } from "../../../src/assembly/create-rest-client.ts";
import type { ResponseInfo } from "../../../src/contract/call-options.ts";
import type { ModelDefinition } from "../../../src/testing/model-definition.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { createTestServer, type TestServer } from "../../../src/testing/test-server.ts";

let server: TestServer;
let arrived = () => {};
let release = () => {};

/** Tells that a prediction has arrived, and answers none until the tests are over. */
const slow: ModelDefinition = {
  versions: {
    1: {
      signatures: {
        serving_default: {
          inputs: { x: { dtype: "float32", shape: [-1] } },
          outputs: { y: { dtype: "float32", shape: [-1] } },
        },
      },
      predict: async ({ x }) => {
        arrived();
        await new Promise<void>((resolve) => {
          const earlier = release;
          release = () => {
            earlier();
            resolve();
          };
        });
        return { y: x?.data as Float32Array };
      },
    },
  },
};

beforeAll(async () => {
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo, slow } });
});

afterAll(() => {
  release();
  return server.close();
});

describe("createClient", () => {
  it.each(["grpc", "rest"] as const)("speaks %s to an address of its scheme", async (wire) => {
    const address = wire === "grpc" ? server.grpcAddress : server.restAddress;
    const client = createClient(address);
    expect([client.wire, client.endpoint]).toEqual([wire, address]);
    const { outputs } = await client.model("half_plus_two").predict({ x: [1, 2, 5] });
    expect(outputs["y"]?.toNested()).toEqual([2.5, 3, 4.5]);
    await client.close();
  });

  it.each(["grpc", "rest"] as const)(
    "tells over %s of the attempt that a deadline or an abort cut short",
    async (wire) => {
      const client = createClient(wire === "grpc" ? server.grpcAddress : server.restAddress);
      await client.getModelStatus({ model: "slow" });
      const infos: ResponseInfo[] = [];
      const request = { model: "slow", inputs: { x: [1] } };
      const attempts = [expect.objectContaining({ attempt: 1, endpoint: client.endpoint, code: "DEADLINE_EXCEEDED" })];
      await expect(client.predict(request, { timeoutMs: 500 })).rejects.toMatchObject({ kind: "timeout", attempts });
      const controller = new AbortController();
      const options = { signal: controller.signal, onResponse: (info: ResponseInfo) => void infos.push(info) };
      const arrival = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const failing = client.predict(request, options);
      await arrival;
      controller.abort("left");
      await expect(failing).rejects.toBe("left");
      expect(infos[0]?.attempts).toEqual([expect.objectContaining({ attempt: 1, code: "CANCELLED" })]);
      await client.close();
    },
  );

  it("connects nothing and loads nothing until the first call", async () => {
    await createClient("grpc://nobody.invalid").close();
  });

  it("rejects when nobody is there", async () => {
    const client = createClient("grpc://127.0.0.1:1");
    await expect(client.getModelStatus({ model: "m" })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      kind: "unavailable",
      operation: "getModelStatus",
      model: "m",
      endpoint: "grpc://127.0.0.1:1",
    });
    await client.close();
  });

  it("has a call end at its deadline although the library is still being loaded", async () => {
    const client = createClient(server.restAddress);
    const failing = client.getModelStatus({ model: "half_plus_two" }, { timeoutMs: 0 });
    await expect(failing).rejects.toMatchObject({ kind: "timeout", attempts: [] });
    await client.close();
  });
});

describe("createGrpcClient and createRestClient", () => {
  it("make clients of one wire", async () => {
    const clients = [createGrpcClient(server.grpcAddress), createRestClient(server.restAddress)];
    for (const client of clients) {
      await expect(client.model("half_plus_two").isReady()).resolves.toBe(true);
      await client.close();
    }
  });

  it("refuse an address of the other", () => {
    expect(() => createGrpcClient("http://h")).toThrow(
      new TypeError("createGrpcClient: the address must begin with grpc:, grpcs: or grpc+unix:, got http://h:8501"),
    );
    expect(() => createRestClient("grpc://h")).toThrow(
      new TypeError("createRestClient: the address must begin with http:, https: or http+unix:, got grpc://h:8500"),
    );
  });
});
