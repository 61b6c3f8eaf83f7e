import { beforeEach, describe, expect, it, vi } from "vitest";
import type { TransportOptions } from "../../../src/contract/transport-options.ts";

const TARGET = { host: "127.0.0.1", port: 1, socketPath: undefined, pathPrefix: "", secure: false } as const;
const OPTIONS: Omit<TransportOptions, "target"> = {
  tls: undefined,
  maxMessageBytes: 1 << 20,
  connectTimeoutMs: 1_000,
  keepalive: {},
  connections: 1,
  logger: undefined,
};
const GRPC: TransportOptions = { ...OPTIONS, target: { ...TARGET, wire: "grpc", endpoint: "grpc://127.0.0.1:1" } };
const REST: TransportOptions = { ...OPTIONS, target: { ...TARGET, wire: "rest", endpoint: "http://127.0.0.1:1" } };

const MODULES = { grpc: "../../../src/grpc/transport.ts", rest: "../../../src/rest/transport.ts" } as const;

/** The transport's module fails to load with this error, as it does where a package that it imports cannot be found. */
function failToLoad(wire: keyof typeof MODULES, error: Error): void {
  vi.doMock(MODULES[wire], () => ({
    get createGrpcTransport() {
      throw error;
    },
    get createRestTransport() {
      throw error;
    },
  }));
}

async function load(options: TransportOptions) {
  const { loadTransport } = await import("../../../src/assembly/load-transport.ts");
  return loadTransport(options);
}

beforeEach(() => {
  vi.resetModules();
  for (const path of Object.values(MODULES)) vi.doUnmock(path);
});

describe("loadTransport", () => {
  it.each([GRPC, REST])("opens the transport of the address ($target.wire)", async (options) => {
    const transport = await load(options);
    expect(transport).toMatchObject({ name: options.target.wire, endpoint: options.target.endpoint });
    await transport.close();
  });

  it.each([
    [GRPC, "ERR_MODULE_NOT_FOUND", "@grpc/grpc-js"],
    [GRPC, "MODULE_NOT_FOUND", "@grpc/grpc-js"],
    [REST, "ERR_MODULE_NOT_FOUND", "undici"],
    [REST, "MODULE_NOT_FOUND", "undici"],
  ] as const)("names the package that is not installed ($0.target.wire, %s)", async (options, code, library) => {
    const cause = Object.assign(new Error("Cannot find package"), { code });
    failToLoad(options.target.wire as "grpc" | "rest", cause);
    await expect(load(options)).rejects.toMatchObject({
      code: "UNIMPLEMENTED",
      kind: "unsupported",
      retryable: false,
      message: `[UNIMPLEMENTED] this address needs the package ${library}, which is not installed`,
      cause,
    });
  });

  it("lets any other failure through as it is", async () => {
    const failure = new TypeError("mine");
    failToLoad("grpc", failure);
    await expect(load(GRPC)).rejects.toBe(failure);
  });
});
