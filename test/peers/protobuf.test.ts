import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readProtos } from "../unit/protos/read-protos.ts";
import { exchangeMessages } from "./protobuf-peer.ts";
import { pythonOf } from "./python.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const table = readProtos();
const folder = mkdtempSync(join(tmpdir(), "tfserving-protobuf-"));
const descriptors = join(folder, "protos.binpb");
execFileSync(join(root, "node_modules/.bin/buf"), ["build", "--output", descriptors], { cwd: root });
const { exchanges } = await exchangeMessages(pythonOf("protobuf"), ["ours", descriptors], table);
rmSync(folder, { recursive: true });

describe("generated messages and Google's protobuf on the same protos", () => {
  it.each(Object.keys(table.messages))("agree on %s, both ways", (type) => {
    const ofType = exchanges.filter((exchange) => exchange.type === type);
    expect(ofType).not.toHaveLength(0);
    for (const { value, theirReading, ourReading, unknown } of ofType) {
      expect(theirReading).toEqual(value);
      expect(ourReading).toEqual(value);
      expect(unknown).toBe(false);
    }
  });
});
