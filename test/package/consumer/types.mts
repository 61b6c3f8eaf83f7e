// Compiled, not run: what an application in ESM sees of the declarations.
import { createClient, type ModelHandle, type ServingClient, ServingError, type Tensor, tensor } from "tfserving";
import { createGrpcClient } from "tfserving/grpc";
import { createHealthCheck } from "tfserving/health";
import { openTelemetry } from "tfserving/opentelemetry";
import { createRestClient } from "tfserving/rest";
import { createFakeClient, createTestServer } from "tfserving/testing";

const clients: ServingClient[] = [
  createClient("grpc://localhost:8500"),
  createGrpcClient("grpc://localhost:8500", { instrumentation: openTelemetry() }),
  createRestClient("http://localhost:8501", { timeoutMs: 1000 }),
];

export async function use(client: ServingClient): Promise<number> {
  const handle: ModelHandle = client.model("half_plus_two", { version: 1 });
  // @ts-expect-error a version and a label exclude each other
  client.model("half_plus_two", { version: 1, versionLabel: "stable" });
  try {
    const { outputs } = await handle.predict({ x: [1, 2, 5] });
    const output: Tensor | undefined = outputs["y"];
    const values: Float32Array = tensor.float32([1, 2]).data;
    return values.length + (output?.size ?? 0);
  } catch (error) {
    if (error instanceof ServingError && error.code === "NOT_FOUND") return 0;
    throw error;
  }
}

// A tensor made by one door is a tensor to the others.
export const server = createTestServer({
  models: { m: { versions: { 1: { signatures: {}, predict: () => ({ y: tensor.float32([1]) }) } } } },
});
export const health = createHealthCheck(clients[0] as ServingClient, { model: "m", level: "loaded" });
export const fake: typeof createFakeClient = createFakeClient;
