import { describe, expect, it } from "vitest";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { seeded } from "../policies/simulated-server.ts";
import { setUp } from "./fake-transport.ts";

const CALLS_PER_SECOND = 200;
const SECONDS = 60;

/** Calls come evenly for a minute; a part of all attempts fails. */
async function minute(failing: number, maxRetries?: number) {
  const random = seeded(3);
  const answer = async () => {
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 5));
    if (random() < failing) throw new ServingError("gone", { code: "UNAVAILABLE", kind: "unavailable" });
    return { versions: [] };
  };
  const { client, clock, transport } = setUp(
    { getModelStatus: answer },
    maxRetries === undefined ? {} : { maxRetries },
  );
  const calls = CALLS_PER_SECOND * SECONDS;
  let answered = 0;
  let failed = 0;
  for (let call = 0; call < calls; call++) {
    client.getModelStatus({ model: "m" }).then(
      () => answered++,
      () => failed++,
    );
    await clock.advance(1_000 / CALLS_PER_SECOND);
  }
  await clock.advance(30_000);
  expect(answered + failed).toBe(calls);
  expect(clock.pending).toBe(0);
  return { calls, attempts: transport.sent.length, answered };
}

describe("the retries of all calls of a client", () => {
  it("add a tenth to what a service that is down is sent, and not twice as much", async () => {
    const { calls, attempts } = await minute(1);
    expect(attempts).toBeLessThanOrEqual(1.12 * calls + 10);
    expect(attempts).toBeGreaterThan(1.1 * calls);
  });

  it("bring 99 of 100 calls to an answer where one try in ten fails", async () => {
    const { calls, attempts, answered } = await minute(0.1);
    expect(answered / calls).toBeGreaterThanOrEqual(0.99);
    expect(attempts).toBeLessThanOrEqual(1.12 * calls);
  });

  it("are none where none are wanted", async () => {
    const { calls, attempts } = await minute(1, 0);
    expect(attempts).toBe(calls);
  });
});
