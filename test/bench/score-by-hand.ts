import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { createClient } from "../../src/assembly/create-client.ts";

/** What one writes without `score`: 64 rows a request, one request at a time, no resuming, no bad rows. */
const [address, input, output] = process.argv.slice(2) as [string, string, string];
const client = createClient(address);
const model = client.model("m");
const sink = createWriteStream(output);
let rows: number[][] = [];
let written = 0;

async function send(): Promise<void> {
  const { outputs } = await model.predict({ x: rows });
  for (const y of outputs["y"]!.toNested() as number[]) {
    if (!sink.write(`${JSON.stringify({ row: written++, outputs: { y } })}\n`)) await once(sink, "drain");
  }
  rows = [];
}

for await (const line of createInterface({ input: createReadStream(input) })) {
  rows.push(JSON.parse(line) as number[]);
  if (rows.length === 64) await send();
}
if (rows.length > 0) await send();
sink.end();
await once(sink, "finish");
await client.close();
