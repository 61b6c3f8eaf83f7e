import { createClient } from "../../../src/assembly/create-client.ts";
import { modelOf } from "../lab/arrivals.ts";

/** A program that makes calls, closes its clients and says when: nothing else ends it. */
for (const address of process.argv.slice(2)) {
  const client = createClient(address);
  const calls = Array.from({ length: 20 }, (_, call) =>
    client.predict({ model: modelOf(call), inputs: { x: [call] } }, { timeoutMs: 500 }).catch(() => {}),
  );
  // Some of them have ended, some are under way.
  await Promise.race(calls);
  await client.close({ timeoutMs: 50 });
}
process.send?.("closed");
process.disconnect?.();
