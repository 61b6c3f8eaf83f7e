import { describe, expect, it } from "vitest";
import { parseBatching, parseModelConfig, parseMonitoring } from "../../../../src/config/parse-config.ts";
import { cpuTimeMs } from "../../../faults/lab/cpu-time.ts";

const path = (literal: string) => parseMonitoring(`prometheus_config { path: ${literal} }`).prometheus?.path;
const rate = (number: string) =>
  parseModelConfig(`model_config_list { config { logging_config { sampling_config { sampling_rate: ${number} } } } }`)
    .models[0]?.loggingConfig?.samplingConfig?.samplingRate;

describe("parseText", () => {
  it.each([
    'prometheus_config { enable: true path: "/m" }',
    "prometheus_config: < enable: true; path: '/m', >;",
    "prometheus_config{enable:true path:'/m'},",
    "\ufeffprometheus_config { # comment { \n enable: true # comment\r\n path: '/m' }",
    "#comment\nprometheus_config\v{\tenable\f:\r\ntrue path\n:\n'/m'}#",
    "prometheus_config { path: '/' 'm' enable: 1 }",
    "prometheus_config { path: '/'\n# between\n\"m\" enable: 0x01 }",
    "prometheus_config { path: '\\/m' enable: True }".replace("\\/", "/"),
  ])("reads %j in all ways of writing it", (text) => {
    expect(parseMonitoring(text)).toEqual({ prometheus: { enable: true, path: "/m" } });
  });

  it.each([
    ['"a" \'b\'"c"', "abc"],
    ['""', ""],
    [`"it's" '"'`, `it's"`],
    ['"\\a\\b\\f\\n\\r\\t\\v\\?\\\\\\\'\\""', "\x07\b\f\n\r\t\v?\\'\""],
    ['"\\101\\1\\18"', "A\x01\x018"],
    ['"\\1234"', "S4"],
    ['"\\x41\\x414\\x7"', "AA4\x07"],
    ['"\\u00e9\\U0001F600"', "é😀"],
    ['"\\ud83d\\ude00"', "😀"],
    ['"\\303\\274"', "ü"],
    ['"\\303" "\\274"', "ü"],
    ['"grün # no comment"', "grün # no comment"],
    ['"\\000"', "\0"],
  ])("reads the string %s", (literal, value) => {
    expect(path(literal)).toBe(value);
  });

  it.each([
    ["1", 1],
    ["-1", -1],
    ["- 1.5", -1.5],
    ["-#\n2", -2],
    [".5", 0.5],
    ["5.", 5],
    ["1f", 1],
    ["1.5e-3F", 0.0015],
    ["0", 0],
    ["-0.0", -0],
    ["1e400", Number.POSITIVE_INFINITY],
    ["inf", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["nan", Number.NaN],
    ["-NaN", Number.NaN],
  ])("reads the double %j", (text, value) => {
    expect(rate(text)).toBe(value);
  });

  it.each([
    ["0", 0],
    ["017", 15],
    ["0x1F", 31],
    ["- 3", -3],
    ["00000000000000000000000000000000000007", 7],
    ["-9007199254740991", -9007199254740991],
  ])("reads the integer %s", (text, value) => {
    expect(parseBatching(`allowed_batch_sizes: ${text}`)).toEqual({ allowedBatchSizes: [value] });
  });

  it("counts lines from 1, and columns in characters", () => {
    const text = "prometheus_config {\n  path: '😀' oops: 1\n}";
    expect(() => parseMonitoring(text)).toThrow(expect.objectContaining({ line: 2, column: 13 }));
  });

  it("is done in seconds with a text of the largest size, whatever it holds", () => {
    const size = 8 * 1024 * 1024;
    const before = cpuTimeMs();
    for (const piece of ["#\n", "a", "9", "{", "'a'", '"', "\\", "[", "model_config_list{"]) {
      const text = piece.repeat(Math.floor(size / piece.length));
      if (piece === "#\n") parseModelConfig(text);
      else expect(() => parseModelConfig(text)).toThrow(SyntaxError);
    }
    expect(() => parseBatching(`allowed_batch_sizes: ${"9".repeat(size - 30)}`)).toThrow(SyntaxError);
    // What is the square of the size takes hours.
    expect(cpuTimeMs() - before).toBeLessThan(30_000);
  });
});
