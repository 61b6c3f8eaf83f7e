import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createClient, tensor } from "../../src/index.ts";
import { startPeer } from "./peer-process.ts";
import { pythonOf } from "./python.ts";

const folder = mkdtempSync(join(tmpdir(), "tfserving-pythie-"));
const server = await startPeer<{ address: string }>(pythonOf("pythie"), "pythie_server.py", [folder]);
const client = createClient(`grpc://${server.ready.address}`);
afterAll(async () => {
  await client.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

describe("client.predict on pythie-serving", () => {
  it("is answered from the table, by text and 64-bit integers", async () => {
    const { outputs, modelSpec } = await client.predict({
      model: "prices",
      inputs: {
        fruit: [["apple"], ["apple"], ["bärë"], ["pear"]],
        count: tensor.int64([[1n], [9_007_199_254_740_993n], [1n], [1n]]),
      },
    });
    expect(Object.keys(outputs)).toEqual(["predictions"]);
    expect(outputs["predictions"]!.dtype).toBe("int32");
    expect(outputs["predictions"]!.toNested()).toEqual([30, 20, -7, -1]);
    expect(modelSpec.name).toBe("prices");
  });

  it("reports what the server throws", async () => {
    const inputs = { fruit: [["apple"]] };
    await expect(client.predict({ model: "prices", inputs })).rejects.toMatchObject({
      code: "UNKNOWN",
      rawMessage: expect.stringContaining("Features names mismatch"),
    });
    await expect(client.predict({ model: "nobody", inputs })).rejects.toMatchObject({
      code: "UNKNOWN",
      rawMessage: expect.stringContaining("Unknown model: nobody"),
    });
  });

  it("says UNIMPLEMENTED for what the server does not offer", async () => {
    await expect(client.getModelMetadata({ model: "prices" })).rejects.toMatchObject({ code: "UNIMPLEMENTED" });
    await expect(client.getModelStatus({ model: "prices" })).rejects.toMatchObject({ code: "UNIMPLEMENTED" });
  });
});
