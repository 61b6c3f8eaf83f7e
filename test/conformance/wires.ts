import { createFakeClient } from "../../src/assembly/create-fake-client.ts";
import { createGrpcClient } from "../../src/assembly/create-grpc-client.ts";
import { createRestClient } from "../../src/assembly/create-rest-client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { ServingClient } from "../../src/client/serving-client.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import type { ModelDefinition } from "../../src/testing/model-definition.ts";
import { createTestServer } from "../../src/testing/test-server.ts";

/** What a wire cannot do: the known gaps, each with the server's own reason. */
export interface WireGaps {
  /** The server's JSON reader and writer know none of these. */
  readonly dtypes: readonly DType[];
  readonly operations: readonly ("multiInference" | "reloadConfig")[];
  /** The answer does not tell what served it. */
  readonly servedVersion: boolean;
}

export interface Wire {
  readonly name: "grpc" | "grpc, tensor_content" | "rest" | "rest, row form" | "fake";
  readonly gaps: WireGaps;
  open(models: Readonly<Record<string, ModelDefinition>>, options?: ClientOptions): Promise<OpenWire>;
}

export interface OpenWire {
  readonly client: ServingClient;
  close(): Promise<void>;
}

const NONE: WireGaps = { dtypes: [], operations: [], servedVersion: false };
const REST: WireGaps = {
  dtypes: ["float16", "bfloat16", "uint16", "complex64", "complex128"],
  operations: ["multiInference", "reloadConfig"],
  servedVersion: true,
};

/** Every way to reach a model, under the one interface. */
export const wires: readonly Wire[] = [
  { name: "grpc", gaps: NONE, open: (models, options) => overGrpc(models, "values", options) },
  { name: "grpc, tensor_content", gaps: NONE, open: (models, options) => overGrpc(models, "content", options) },
  { name: "rest", gaps: REST, open: (models, options) => overRest(models, options) },
  { name: "rest, row form", gaps: REST, open: (models, options) => overRest(models, { ...options, format: "row" }) },
  {
    name: "fake",
    gaps: NONE,
    async open(models, options) {
      const client = createFakeClient(models, options);
      return { client, close: () => client.close() };
    },
  },
];

async function overGrpc(
  models: Readonly<Record<string, ModelDefinition>>,
  tensorEncoding: "values" | "content",
  options: ClientOptions | undefined,
): Promise<OpenWire> {
  const server = await createTestServer({ models, tensorEncoding });
  const client = createGrpcClient(server.grpcAddress, options);
  return { client, close: () => client.close().then(() => server.close()) };
}

async function overRest(
  models: Readonly<Record<string, ModelDefinition>>,
  options: ClientOptions | undefined,
): Promise<OpenWire> {
  const server = await createTestServer({ models });
  const client = createRestClient(server.restAddress, options);
  return { client, close: () => client.close().then(() => server.close()) };
}
