import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Fuzzer } from "./fuzz.ts";
import { judge } from "./judge.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { TARGETS } from "./targets.ts";

const FIXTURES = new URL("../fixtures/fuzz/", import.meta.url);
const INPUTS = 400;

describe.each(TARGETS)("the reader of $name", (target) => {
  it("reads every recorded and written reply as it should", () => {
    for (const seed of target.seeds) expect(judge(target, seed).problem).toBeUndefined();
  });

  it(`takes ${INPUTS} broken replies without a crash, a hang or a balloon`, () => {
    const fuzzer = new Fuzzer(target, 20_260_401);
    for (let count = 0; count < INPUTS; count++) {
      const input = fuzzer.next();
      expect(fuzzer.try(input)?.problem, input.toString("base64").slice(0, 4_000)).toBeUndefined();
    }
    // Seeds that all end the same way would prove nothing.
    expect(fuzzer.outcomes).toBeGreaterThan(3);
  });
});

describe("inputs found by a long run", () => {
  const names = existsSync(FIXTURES) ? readdirSync(FIXTURES).filter((name) => name.endsWith(".bin")) : [];

  it.each(names)("%s is taken as it should", (name) => {
    const target = TARGETS.find((each) => name.startsWith(`${each.name}-`))!;
    expect(judge(target, readFileSync(new URL(name, FIXTURES))).problem).toBeUndefined();
  });
});

describe("mutate", () => {
  it("makes the same inputs of the same seed, and leaves what it began with", () => {
    const seed = Buffer.from('{"outputs":[1,2,3]}');
    const inputs = (random: Random) => Array.from({ length: 50 }, () => mutate(seed, random, [seed]).toString("hex"));
    const first = inputs(new Random(7));
    expect(inputs(new Random(7))).toEqual(first);
    expect(inputs(new Random(8))).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(25);
    expect(seed.toString()).toBe('{"outputs":[1,2,3]}');
  });
});

describe("judge", () => {
  const target = (read: (bytes: Buffer) => unknown) => ({
    name: "x",
    dialect: "json" as const,
    seeds: [],
    kinds: ["decode" as const],
    allowanceBytes: () => 1 << 20,
    read,
  });

  it.each([
    ["another error", () => JSON.parse("{"), /^throws SyntaxError/],
    ["a balloon", () => ({ kept: new Float64Array(1 << 20) }), /^allocates \d+ bytes/],
    [
      "pollution",
      () => {
        Object.defineProperty(Object.prototype, "polluted", { configurable: true, value: 1 });
      },
      /^changes a prototype/,
    ],
  ])("sees %s", (_, read, problem) => {
    expect(
      judge(
        target(() => read() ?? {}),
        Buffer.from("1"),
      ).problem,
    ).toMatch(problem);
    delete (Object.prototype as { polluted?: unknown }).polluted;
  });
});
