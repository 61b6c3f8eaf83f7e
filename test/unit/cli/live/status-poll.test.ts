import { describe, expect, it } from "vitest";
import { StatusPoll } from "../../../../src/cli/live/status-poll.ts";
import type { ModelStatusResponse } from "../../../../src/index.ts";

describe("StatusPoll", () => {
  it("shares one request among those who ask at a time, and asks anew after", async () => {
    const asked: unknown[] = [];
    const answers: ((response: ModelStatusResponse) => void)[] = [];
    const poll = new StatusPoll(
      {
        getModelStatus: (request, options) => {
          asked.push([request, options]);
          return new Promise((resolve) => answers.push(resolve));
        },
      },
      "ranker",
    );
    const looks = [poll.versions(), poll.getModelStatus({ model: "ranker" }), poll.versions()];
    answers[0]?.({ versions: [{ version: 1, state: "AVAILABLE" }] });
    expect((await Promise.all(looks))[0]).toEqual([{ version: 1, state: "AVAILABLE" }]);
    expect(asked).toEqual([[{ model: "ranker" }, { timeoutMs: 5_000, maxRetries: 0 }]]);
    const again = poll.versions();
    answers[1]?.({ versions: [] });
    expect(await again).toEqual([]);
  });

  it("forgets a failure with the request that failed", async () => {
    let fails = true;
    const poll = new StatusPoll(
      {
        getModelStatus: async () => {
          if (fails) throw new Error("down");
          return { versions: [] };
        },
      },
      "ranker",
    );
    await expect(poll.versions()).rejects.toThrow("down");
    fails = false;
    expect(await poll.versions()).toEqual([]);
  });
});
