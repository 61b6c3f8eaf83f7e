// Compiled, not run: what an application in CommonJS sees of the declarations.
import type { ServingClient } from "tfserving" with { "resolution-mode": "import" };

import tfserving = require("tfserving");
import grpc = require("tfserving/grpc");
import rest = require("tfserving/rest");

const clients: tfserving.ServingClient[] = [
  tfserving.createClient("http://localhost:8501"),
  grpc.createGrpcClient("grpc://localhost:8500"),
  rest.createRestClient("http://localhost:8501"),
];

export async function use(): Promise<string[]> {
  const found: string[] = [];
  for (const client of clients) {
    const { outputs } = await client.predict({ model: "m", inputs: { x: tfserving.tensor.float32([[1, 2]]) } });
    for (const [name, output] of Object.entries(outputs)) found.push(`${name} ${output.dtype}`);
  }
  return found;
}

// What one form made goes in where the other is asked for: the types are the same, as the brands are.
export const sameInBoth: ServingClient | undefined = clients[0];
