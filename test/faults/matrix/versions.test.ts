import { describe, expect } from "vitest";
import type { PredictResponse } from "../../../src/contract/predict.ts";
import type { ModelDefinition, VersionDefinition } from "../../../src/testing/model-definition.ts";
import { row } from "../lab/row.ts";

const vector = { dtype: "float32", shape: [-1] };

/** A version that gives its input back, with its own number behind it. */
function version(number: number): VersionDefinition {
  return {
    signatures: { serving_default: { inputs: { x: vector }, outputs: { x: vector } } },
    predict: ({ x }) => ({ x: [...(x!.data as Float32Array), number] }),
  };
}

describe("versions", () => {
  row(
    62,
    "both",
    "a label that moves from 46 to 47 under load fails no call, and each answer is one version's",
    async (lab) => {
      const model: ModelDefinition = {
        versions: { 46: version(46), 47: version(47) },
        versionPolicy: { specific: [46, 47] },
        labels: { stable: 46 },
      };
      const server = await lab.testServer({ models: { m: model } });
      const client = lab.client(server.address);
      const admin = lab.client(server.grpcAddress);
      const served: number[] = [];
      let left = 400;
      const worker = async () => {
        while (left-- > 0) {
          const outcome = await lab.ledger.run(
            (call, onResponse) =>
              client.predict({ model: "m", versionLabel: "stable", inputs: { x: [call] } }, { onResponse }),
            { timeoutMs: 5_000 },
          );
          expect(outcome.error).toBeUndefined();
          const { modelSpec, outputs } = outcome.value as PredictResponse;
          const answering = Number(Object.values(outputs)[0]!.data[1]);
          served.push(answering);
          // REST does not say which version answered, and the client does not claim to know.
          expect(modelSpec.version).toBe(lab.wire === "grpc" ? answering : undefined);
          if (left === 200) await move();
        }
      };
      const move = () =>
        admin.reloadConfig({
          config: {
            models: [
              {
                name: "m",
                basePath: "/models/m",
                versionPolicy: { specific: [46, 47] },
                versionLabels: { stable: 47 },
              },
            ],
          },
        });
      await Promise.all(Array.from({ length: 8 }, worker));
      expect(new Set(served)).toEqual(new Set([46, 47]));
      expect(served.at(-1)).toBe(47);
    },
  );
});
