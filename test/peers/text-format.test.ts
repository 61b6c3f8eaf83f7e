import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBatching, parseModelConfig, parseMonitoring } from "../../src/config/parse-config.ts";
import { printBatching, printModelConfig, printMonitoring } from "../../src/config/print-config.ts";
import { type ConfigKind, ROOTS } from "../../src/config/schema.ts";
import { batchingConfigs, modelConfigs, monitoringConfigs } from "../property/config-arbitraries.ts";
import { pythonOf } from "./python.ts";

interface Answer {
  readonly error?: string;
  readonly printed?: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const PARSE = { model: parseModelConfig, batching: parseBatching, monitoring: parseMonitoring };
const SEED = 20_260_730;

function askPeer(cases: readonly { readonly kind: ConfigKind; readonly text: string }[]): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), "tfserving-text-format-"));
  const descriptors = join(folder, "protos.binpb");
  execFileSync(join(root, "node_modules/.bin/buf"), ["build", "--output", descriptors], { cwd: root });
  const script = fileURLToPath(new URL("text_format_peer.py", import.meta.url));
  const input = JSON.stringify({ cases: cases.map(({ kind, text }) => ({ type: ROOTS[kind], text })) });
  const { status, stdout, stderr } = spawnSync(pythonOf("protobuf"), [script, descriptors], {
    input,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`text_format_peer.py ended with ${status}: ${stderr.slice(-2000)}`);
  return (JSON.parse(stdout) as { results: Answer[] }).results;
}

const samples = [
  ...fc
    .sample(modelConfigs, { seed: SEED, numRuns: 300 })
    .map((config) => ["model", config, printModelConfig(config)] as const),
  ...fc
    .sample(batchingConfigs, { seed: SEED, numRuns: 100 })
    .map((config) => ["batching", config, printBatching(config)] as const),
  ...fc
    .sample(monitoringConfigs, { seed: SEED, numRuns: 50 })
    .map((config) => ["monitoring", config, printMonitoring(config)] as const),
];

/** Ways of writing, right and wrong, on which both parsers agree. */
const AGREED: readonly (readonly [ConfigKind, string])[] = [
  ["model", ""],
  ["model", "# nothing"],
  ["model", "model_config_list: { config: [{ name: 'a' }, < name: \"b\" >]; },"],
  ["model", "model_config_list { config { name: 'a' \"b\"\n'c' } }"],
  [
    "model",
    "model_config_list { config { name: '\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"\\101\\x41\\u00e9\\U0001F600\\1234' } }",
  ],
  ["model", "model_config_list { config { name: '\\303' '\\274' } }"],
  ["model", "model_config_list { config { name: '\\377' } }"],
  ["model", "model_config_list { config { name: '\\ud800' } }"],
  ["model", "model_config_list { config { name: '\\U00110000' } }"],
  ["model", "model_config_list { config { name: '\\x' } }"],
  ["model", "model_config_list { config { name: 'a } }"],
  ["model", "model_config_list { config { name: 'a\nb' } }"],
  ["model", "model_config_list { config { name: ['a'] } }"],
  ["model", "model_config_list { config { name 'a' } }"],
  ["model", "model_config_list { config { name: 'a' name: 'b' } }"],
  ["model", "model_config_list { config { 'name': 'a' } }"],
  ["model", "model_config_list { config { basePath: 'a' } }"],
  ["model", "model_config_list { config { model_type: OTHER } }"],
  ["model", "model_config_list { config { model_type: 2 } }"],
  ["model", "model_config_list { config { model_type: 7 } }"],
  ["model", "model_config_list { config { model_type: -1 } }"],
  ["model", "model_config_list { config { model_type: 2147483648 } }"],
  ["model", "model_config_list { config { model_type: WHAT } }"],
  [
    "model",
    "model_config_list { config { version_labels { key: 'a' value: 07 } version_labels { key: 'a' value: 0x7f } } }",
  ],
  ["model", "model_config_list { config { version_labels [{ key: 'a' }, {}] } }"],
  ["model", "model_config_list { config { version_labels { key: 'a' key: 'b' } } }"],
  ["model", "model_config_list { config { version_labels { key: 'a' value: -9223372036854775808 } } }"],
  ["model", "model_config_list { config { version_labels { key: 'a' value: 9223372036854775808 } } }"],
  ["model", "model_config_list { config { version_labels { key: 'a' value: 1.0 } } }"],
  ["model", "model_config_list { config { version_labels { key: 'a' value: 08 } } }"],
  ["model", "model_config_list { config { model_version_policy { all {} latest {} } } }"],
  ["model", "model_config_list { config { model_version_policy { all {} all {} } } }"],
  ["model", "model_config_list { config { model_version_policy { latest { num_versions: 4294967296 } } } }"],
  [
    "model",
    "model_config_list { config { model_version_policy { specific { versions: [] versions: 3 versions: [4, 5] } } } }",
  ],
  ["model", "model_config_list { config { model_version_policy { specific { versions: [1,] } } } }"],
  ...["1", "-1.5", ".5", "5.", "1f", "1e3F", "1e400", "inf", "-INFINITY", "nan", "-nan", "010", "0x10", "x"].map(
    (number) =>
      [
        "model",
        `model_config_list { config { logging_config { sampling_config { sampling_rate: ${number} } } } }`,
      ] as const,
  ),
  ["model", "custom_model_config { type_url: 'a/b' value: '\\001\\377\\x5' }"],
  ["model", "custom_model_config {} model_config_list {}"],
  ["model", "[a.b]: 1"],
  ["model", '{"models": []}'],
  ["model", "model_config_list {},,"],
  ["model", ";"],
  ["model", "model_config_list {"],
  ["model", "model_config_list { > "],
  ["batching", "max_batch_size: 1"],
  ["batching", "max_batch_size {} num_batch_threads: { value: 8 } enable_large_batch_splitting < value: True >"],
  ["batching", "allowed_batch_sizes: 10pad_variable_length_inputs: 1"],
  ["batching", "allowed_batch_sizes: 10,pad_variable_length_inputs: 1"],
  ["batching", "allowed_batch_sizes: '1'"],
  ["batching", "pad_variable_length_inputs: t"],
  ["batching", "pad_variable_length_inputs: TRUE"],
  ["batching", "pad_variable_length_inputs: 2"],
  ["monitoring", "prometheus_config { enable: true } # end"],
  ["monitoring", "prometheus_config { enable: true>"],
  ["monitoring", "prometheus_config [{ enable: true }]"],
];

/** Where Python's parser leaves the specification. The server's parser, the one in C++, does not. */
const DIFFERENT: readonly { readonly text: string; readonly ours?: unknown; readonly theirs?: string }[] = [
  { text: versionText("- 3"), ours: -3 },
  { text: versionText("1_000"), theirs: "value: 1000" },
  { text: versionText("0b1"), theirs: "value: 1" },
  { text: labelText("\\?"), ours: "?", theirs: '"\\\\?"' },
  { text: labelText("\\q"), theirs: '"\\\\q"' },
  { text: labelText("\\ud83d\\ude00"), ours: "😀" },
];

function versionText(number: string): string {
  return `model_config_list { config { version_labels { key: "a" value: ${number} } } }`;
}

function labelText(label: string): string {
  return `model_config_list { config { version_labels { key: "${label}" value: 1 } } }`;
}

const answers = askPeer([
  ...samples.map(([kind, , text]) => ({ kind, text })),
  ...AGREED.map(([kind, text]) => ({ kind, text })),
  ...DIFFERENT.map(({ text }) => ({ kind: "model" as const, text })),
]);

describe("text format and Google's protobuf", () => {
  it("agree on random configurations, printed by us, read and printed by it, read by us", () => {
    for (const [index, [kind, config]] of samples.entries()) {
      expect(answers[index]?.error).toBe(undefined);
      expect(withoutZeros(PARSE[kind](answers[index]?.printed ?? ""))).toEqual(withoutZeros(config));
    }
  });

  it.each(AGREED.map(([kind, text], index) => [kind, text, answers[samples.length + index]] as const))(
    "agree on a %s file with %j",
    (kind, text, answer) => {
      if (answer?.error !== undefined) {
        expect(() => PARSE[kind](text), answer.error).toThrow(SyntaxError);
      } else {
        expect(withoutZeros(PARSE[kind](text))).toEqual(withoutZeros(PARSE[kind](answer?.printed ?? "")));
      }
    },
  );

  it.each(DIFFERENT.map((different, index) => [different, answers[samples.length + AGREED.length + index]] as const))(
    "differ on %o, as is known",
    ({ text, ours, theirs }, answer) => {
      if (theirs === undefined) expect(answer?.error).toMatch(/.+/);
      else expect(answer?.printed).toContain(theirs);
      if (ours === undefined) expect(() => parseModelConfig(text)).toThrow(SyntaxError);
      else expect(Object.entries(parseModelConfig(text).models[0]?.versionLabels ?? {})[0]).toContain(ours);
    },
  );
});

/** Zeros that protobuf cannot tell from nothing, and does not print. */
const WITHOUT_PRESENCE = ["attributes", "samplingRate", "modelType", "padVariableLengthInputs"];

function isUnprinted(key: string, value: unknown): boolean {
  return WITHOUT_PRESENCE.includes(key) && [0, false, "MODEL_TYPE_UNSPECIFIED"].some((zero) => zero === value);
}

function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const kept = Object.entries(value).filter(([key, member]) => !isUnprinted(key, member));
  return kept.map(([key, member]) => [key, withoutZeros(member)] as const).sort(([a], [b]) => (a < b ? -1 : 1));
}
