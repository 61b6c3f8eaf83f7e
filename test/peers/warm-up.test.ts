import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { warmUpInputs } from "../../src/health.ts";
import type { Tensor } from "../../src/index.ts";
import { startPeer } from "./peer-process.ts";
import { pythonOf } from "./python.ts";
import { type PlainTensor, toPlain } from "./tensorflow-peer.ts";

const folder = mkdtempSync(join(tmpdir(), "tfserving-warm-up-"));
const path = join(folder, "tf_serving_warmup_requests");
const writer = await startPeer<{ predicts: { signature: string; inputs: Record<string, PlainTensor> }[] }>(
  pythonOf("tensorflow"),
  "warm_up_file.py",
  [path],
);
await writer.stop();
afterAll(() => rmSync(folder, { recursive: true }));

describe("warmUpInputs on a file that TensorFlow wrote", () => {
  it.each([...new Set(writer.ready.predicts.map(({ signature }) => signature))])(
    "gets every input of %s as it was",
    async (signatureName) => {
      const wanted = writer.ready.predicts.filter(({ signature }) => signature === signatureName);
      const source = warmUpInputs(path);
      for (const [index, { inputs }] of wanted.entries()) {
        const found = (await source.inputsFor({
          signature: { methodName: "", inputs: {}, outputs: {} },
          signatureName,
          index,
          signal: new AbortController().signal,
        })) as Record<string, Tensor>;
        expect(Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, toPlain(tensor)]))).toEqual(
          inputs,
        );
      }
    },
  );

  it("is what the tests without TensorFlow read", () => {
    const fixture = new URL("../fixtures/warm-up/requests.tfrecord", import.meta.url);
    expect(readFileSync(path).equals(readFileSync(fixture))).toBe(true);
  });
});
