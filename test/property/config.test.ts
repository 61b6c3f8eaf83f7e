import { describe, expect, it } from "vitest";
import { check } from "../../src/config/check.ts";
import { ConfigSyntaxError } from "../../src/config/config-syntax-error.ts";
import { parseBatching, parseModelConfig, parseMonitoring } from "../../src/config/parse-config.ts";
import { plan } from "../../src/config/plan.ts";
import { printBatching, printModelConfig, printMonitoring } from "../../src/config/print-config.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { type ConfigKind, fieldsOf, MESSAGES } from "../../src/config/schema.ts";
import { batchingConfigs, modelConfigs, monitoringConfigs } from "./config-arbitraries.ts";
import fc from "./fast-check.ts";

const FORMATS = [
  { kind: "model", configs: modelConfigs, parse: parseModelConfig, print: printModelConfig },
  { kind: "batching", configs: batchingConfigs, parse: parseBatching, print: printBatching },
  { kind: "monitoring", configs: monitoringConfigs, parse: parseMonitoring, print: printMonitoring },
] as readonly {
  readonly kind: ConfigKind;
  readonly configs: fc.Arbitrary<object>;
  readonly parse: (text: string) => object;
  readonly print: (config: object) => string;
}[];

/** Pieces that texts of this format are made of, in any order: most of them wrong, some of them right. */
const piece = fc.constantFrom(
  ...[
    "{",
    "}",
    "<",
    ">",
    "[",
    "]",
    ":",
    ",",
    ";",
    "-",
    "#",
    "\n",
    '"',
    "'",
    "\\",
    '"a"',
    "'b'",
    "1",
    "0x1f",
    "017",
    "1.5",
  ],
  ...["true", "inf", "TENSORFLOW", "key", "value", "[type.googleapis.com/a.B]", "é", "\0", "\ufeff", "\ud800"],
  ...Object.keys(MESSAGES).flatMap((message) => Object.keys(fieldsOf(message) ?? {})),
);
const soup = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(" "));

describe.each(FORMATS)("a $kind file", ({ kind, configs, parse, print }) => {
  it("says after printing and parsing what it said before", () => {
    fc.assert(
      fc.property(configs, (config) => {
        expect(parse(print(config))).toEqual(config);
      }),
    );
  });

  it("is printed the same after it was parsed", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const text = print(config);
        expect(print(parse(text))).toBe(text);
      }),
    );
  });

  it("means the same on one line, with other brackets and separators, and with comments", () => {
    fc.assert(
      fc.property(configs, fc.constantFrom(" ", "\n# {\n", "\t\r\n"), (config, space) => {
        const text = print(config);
        const respaced = text
          .split("\n")
          .map((line) =>
            line
              .trim()
              .replace(/^(\w+) \{$/, "$1: <")
              .replace(/^\}$/, ">;"),
          )
          .join(space);
        expect(parse(respaced)).toEqual(config);
      }),
    );
  });

  it("is read, or refused with a place in it, whatever it holds", () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
        for (const read of [() => parse(text), () => readConfig(text)]) {
          try {
            const result = read();
            expect(typeof result).toBe("object");
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigSyntaxError);
            const { line, column } = error as ConfigSyntaxError;
            const lines = text.split("\n");
            expect(line).toBeLessThanOrEqual(lines.length);
            expect(column).toBeLessThanOrEqual([...(lines[line - 1] ?? "")].length + 1);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is checked without a throw, the same as a text and as an object", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const ofText = check(print(config), { kind }).map(({ rule, path }) => [rule, path]);
        const ofObject = check(config as never, { kind }).map(({ rule, path }) => [rule, path]);
        expect(ofText).toEqual(ofObject);
      }),
    );
  });
});

describe("plan", () => {
  it("of a configuration to itself is empty, and each way back undoes what comes and goes", () => {
    const named = modelConfigs.filter(({ models }) => new Set(models.map(({ name }) => name)).size === models.length);
    fc.assert(
      fc.property(named, named, (from, to) => {
        expect(plan(from, from).changes).toEqual([]);
        const names = (planned: ReturnType<typeof plan>, action: string) =>
          planned.changes.filter((change) => change.action === action).map((change) => change.model);
        const [there, back] = [plan(from, to), plan(to, from)];
        expect(names(there, "add").sort()).toEqual(names(back, "unload").sort());
        expect(names(there, "unload").sort()).toEqual(names(back, "add").sort());
        expect(names(there, "change").sort()).toEqual(names(back, "change").sort());
        expect([...there.unchanged].sort()).toEqual([...back.unchanged].sort());
      }),
    );
  });
});
