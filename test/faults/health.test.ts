import { describe, expect, it } from "vitest";
import { createHealthCheck, type HealthLevel } from "../../src/health.ts";
import {
  connectionFaultsOf,
  type Measured,
  requestFaultsOf,
  type Tried,
  tryConnectionFault,
  tryRequestFault,
} from "./health/measure.ts";
import { answerRight, MODEL } from "./health/right-replies.ts";
import { Laboratory } from "./lab/laboratory.ts";

/**
 * The promise is 50 ms, and `npm run soak -- health` measures it. Here a check that hangs is told from one that a busy
 * machine held up.
 */
const MOST_LATE_MS = 2_000;

/** Where a check has to come to its end by itself. */
const LONG_MS = 30_000;

/** Rows that no health check can meet, and why. */
const NOT_MET: Readonly<Record<number, string>> = {
  21: "50 calls at a time: a check has one",
  47: "a check has no signal: it aborts by itself, at its timeout, in whatever phase",
  48: "deadlines: below",
  49: "close(): below",
  50: "after close(): below",
};

function judge({ measured, left }: Tried): void {
  // A connection may take its time to go where seven clients are closed at once on a busy machine: the long run counts them.
  expect(left.filter((what) => !what.endsWith("connections of closed clients"))).toEqual([]);
  for (const each of measured) {
    expect(each.ownLateMs, describeCase(each)).toBeLessThan(MOST_LATE_MS);
    if (!each.mayPass) expect(["fail", "inconclusive"], describeCase(each)).toContain(each.status);
    expect(each.output).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(each.output).not.toContain("secret");
  }
}

function describeCase({ level, at, status, output }: Measured): string {
  return `${level}, at request ${at}: ${status}, ${output}`;
}

describe.each(["grpc", "rest"] as const)("a health check over %s, at each level", (wire) => {
  it.each(connectionFaultsOf(wire))("ends in time, without a pass, under row $row: $name", async (fault) => {
    judge(await tryConnectionFault(wire, fault));
  });

  it.each(requestFaultsOf(wire))("ends in time, without a pass, under row $row: $name", async (fault) => {
    judge(await tryRequestFault(wire, fault));
  });

  it("passes where there is no fault: what fails above fails for its own reason", async () => {
    const { measured } = await tryRequestFault(
      wire,
      { row: 0, name: "none", grpc: answerRight, rest: answerRight },
      LONG_MS,
    );
    for (const each of measured.filter(({ level }) => level !== "stable")) {
      expect(each.status, describeCase(each)).toBe("pass");
    }
    // 30 predictions are sent, which are too few for a verdict.
    expect(measured.at(-1)).toMatchObject({
      status: "inconclusive",
      output: expect.stringContaining("30 predictions"),
    });
  });

  it("meets a fault in the request that it is meant for", async () => {
    const refusal = requestFaultsOf(wire).find(({ name }) => name === "UNAVAILABLE");
    const { measured } = await tryRequestFault(wire, refusal!, LONG_MS);
    const outputs = measured
      .slice(1)
      .map(({ output }) => output.replace(/.* (does not answer|signature|prediction of).*/, "$1"));
    expect(outputs.slice(0, 5)).toEqual([...Array(3).fill("does not answer"), "signature", "prediction of"]);
  });

  const LEVELS: readonly HealthLevel[] = ["connect", "alive", "loaded", "predicts", "stable"];

  async function inSilence<T>(body: (lab: Laboratory, address: string) => Promise<T>): Promise<T> {
    const lab = new Laboratory(wire);
    try {
      const { address } = await lab.tcp(() => {});
      return await body(lab, address);
    } finally {
      expect(await lab.end()).toEqual([]);
    }
  }
  const checkAt = (lab: Laboratory, address: string, level: HealthLevel, timeoutMs: number) => {
    const client = lab.client(address);
    const soaking = level === "stable" ? { memory: () => 1e9 } : {};
    return { client, report: createHealthCheck(client, { model: MODEL, level, timeoutMs, ...soaking }).check() };
  };

  it("ends with a timeout of one millisecond", () =>
    inSilence(async (lab, address) => {
      for (const level of LEVELS) {
        const { status } = await checkAt(lab, address, level, 1).report;
        // A connection alone may stand within a millisecond.
        if (level !== "connect") expect(status).toBe("fail");
      }
    }));

  it("ends, whatever its timeout, when its client is closed meanwhile, and says so afterwards", () =>
    inSilence(async (lab, address) => {
      for (const level of LEVELS) {
        const { client, report } = checkAt(lab, address, level, Number.POSITIVE_INFINITY);
        await client.close({ timeoutMs: 0 });
        expect((await report).status).not.toBe("pass");
        const soaking = level === "stable" ? { memory: () => 1e9 } : {};
        const after = await createHealthCheck(client, { model: MODEL, level, ...soaking }).check();
        expect(after, after.output).toMatchObject({ status: "inconclusive" });
      }
    }));
});

describe("the rows of the matrix", () => {
  it("are all met up to 50, or there is a reason", () => {
    const met = new Set(
      (["grpc", "rest"] as const).flatMap((wire) =>
        [...connectionFaultsOf(wire), ...requestFaultsOf(wire)].map(({ row }) => row),
      ),
    );
    const rows = Array.from({ length: 50 }, (_, index) => index + 1);
    expect(rows.filter((row) => !met.has(row) && !(row in NOT_MET))).toEqual([]);
    expect(rows.filter((row) => met.has(row) && row in NOT_MET)).toEqual([]);
  });
});
