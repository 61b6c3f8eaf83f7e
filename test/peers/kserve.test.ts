import { afterAll, describe, expect, it } from "vitest";
import { createClient, tensor } from "../../src/index.ts";
import { startPeer } from "./peer-process.ts";
import { pythonOf } from "./python.ts";

const server = await startPeer<{ address: string }>(pythonOf("kserve"), "kserve_server.py");
const client = createClient(`http://${server.ready.address}`);
afterAll(async () => {
  await client.close();
  await server.stop();
});

describe("client.predict on KServe, protocol v1", () => {
  it("is answered for one input", async () => {
    const request = { model: "half_plus_two", inputs: { x: tensor.float32([1, 2, 5]) } };
    const { outputs } = await client.predict(request, { format: "row" });
    expect(Object.values(outputs).map((output) => output.toNested())).toEqual([[2.5, 3, 4.5]]);
  });

  it("is answered for several inputs and outputs", async () => {
    const request = {
      model: "describe",
      inputs: {
        numbers: tensor.float64([
          [1, 0.25],
          [-3, 0],
        ]),
        name: ["ä", "b"],
        id: tensor.int64([9_007_199_254_740_993n, -1n]),
      },
    };
    const { outputs } = await client.predict(request, { format: "row" });
    expect(Object.keys(outputs).sort()).toEqual(["label", "total"]);
    expect(outputs["total"]!.toNested()).toEqual([1.25, -3]);
    expect(outputs["label"]!.toStrings()).toEqual(["ä:9007199254740993", "b:-1"]);
  });

  it("reports the server's own errors", async () => {
    const inputs = { x: tensor.float32([1, 2]) };
    await expect(client.predict({ model: "nobody", inputs }, { format: "row" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      rawMessage: expect.stringContaining("nobody"),
    });
    await expect(client.predict({ model: "refuse", inputs }, { format: "row" })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      rawMessage: expect.stringContaining("2 instances are not to its taste"),
    });
  });
});
