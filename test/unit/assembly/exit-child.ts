/** A program that uses a client and then has nothing left to do. Says "done" at that moment; must end by itself. */
import { createClient } from "../../../src/assembly/create-client.ts";
import { tensor } from "../../../src/tensor/build-tensor.ts";

const [scenario, address = "", other = ""] = process.argv.slice(2);
const predict = { model: "half_plus_two", inputs: { x: tensor.float32([1]) } };

/** What a call came to, as one word. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    return String((error as { kind?: unknown }).kind);
  }
}

const outcomes: string[] = [];
switch (scenario) {
  case "closed": {
    const client = createClient(address);
    outcomes.push(await outcomeOf(client.predict(predict)));
    await client.close();
    break;
  }
  case "left open": {
    const client = createClient(address);
    for (let call = 0; call < 3; call++) outcomes.push(await outcomeOf(client.predict(predict)));
    break;
  }
  case "replicas left open": {
    const client = createClient([address, other], {
      circuitBreaker: {},
      concurrency: {},
      hedging: { delayMs: 20 },
      attemptTimeoutMs: 5_000,
    });
    for (let call = 0; call < 6; call++) outcomes.push(await outcomeOf(client.predict(predict)));
    break;
  }
  case "name left open": {
    const { protocol, port } = new URL(address);
    const client = createClient(`${protocol}//replicas.test:${port}`, {
      balancing: { lookup: async () => ["127.0.0.1"] },
    });
    outcomes.push(await outcomeOf(client.predict(predict)));
    break;
  }
  case "closed under way": {
    // The address is silent: one call waits for it until close loses patience.
    const client = createClient(address, { connectTimeoutMs: 60_000, timeoutMs: 60_000 });
    const waiting = outcomeOf(client.predict(predict));
    const again = createClient(other, {
      maxRetries: 100,
      timeoutMs: 60_000,
      retry: { baseDelayMs: 50_000, maxDelayMs: 50_000, budget: false },
    });
    const pausing = outcomeOf(again.predict(predict));
    await Promise.all([client.close({ timeoutMs: 300 }), again.close({ timeoutMs: 300 })]);
    outcomes.push(await waiting, await pausing);
    break;
  }
}
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
