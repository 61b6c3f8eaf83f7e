import { writeFileSync } from "node:fs";
import { createClient, tensor } from "tfserving";

export interface Peak {
  readonly replyBytes: number;
  readonly risenBytes: number;
}

/** Reads one large reply in a fresh process, with the client's own settings, and says how far its peak RSS rose. */
const client = createClient(process.argv[2]!);
const inputs = { images: tensor.float32(new Float32Array(10), [1, 10]) };
let replyBytes = 0;
const predict = (reply: string) =>
  client.predict(
    { model: reply, inputs },
    {
      headers: { reply },
      onResponse: (info) => {
        replyBytes = info.responseBytes ?? 0;
      },
    },
  );

for (let warm = 0; warm < 20; warm++) await predict("small");
resetPeak();
const before = process.memoryUsage.rss();
const { outputs } = await predict("large");
const risenBytes = process.resourceUsage().maxRSS * 1024 - before;
if (Object.values(outputs)[0]!.size < 1_000_000) throw new Error("not the large reply");
await client.close();
console.log(JSON.stringify({ replyBytes, risenBytes } satisfies Peak));

/** Starting up may have needed more memory than is in use now. Only Linux can forget that. */
function resetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {}
}
