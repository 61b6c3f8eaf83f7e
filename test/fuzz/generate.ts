import * as fc from "fast-check";
import { message, unknownField } from "../property/grpc-wire-bytes.ts";
import type { Dialect } from "./target.ts";

const varint = fc.oneof(
  fc.nat(127).map((value) => Uint8Array.of(value)),
  fc.uint8Array({ minLength: 1, maxLength: 11 }).map((bytes) => {
    const varint = bytes.map((byte) => byte | 0x80);
    varint[varint.length - 1]! &= 0x7f;
    return varint;
  }),
);

/** Protobuf that no schema made: fields of any number and type, messages in messages. */
const { fields } = fc.letrec<{ fields: Uint8Array }>((tie) => ({
  fields: fc
    .array(
      fc.oneof(
        { depthSize: "small" },
        fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 20 })).map(([number, bytes]) => lengthDelimited(number, bytes)),
        fc.tuple(fc.nat(20), varint).map(([number, value]) => message(tag(number, 0), value)),
        fc
          .tuple(fc.nat(20), fc.constantFrom([1, 8] as const, [5, 4] as const))
          .map(([number, [type, length]]) => message(tag(number, type), new Uint8Array(length).fill(0x7f))),
        unknownField,
        fc.tuple(fc.nat(17), tie("fields")).map(([number, inner]) => lengthDelimited(number, inner)),
      ),
      { maxLength: 6 },
    )
    .map((all) => message(...all)),
}));

/** JSON of any form, in the frame that replies have, and with the words that only this server writes. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.double().map(String),
    fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
    fc.constantFrom("NaN", "-Infinity", "true", "false", "null", "1.0", "1e+06", "0.333333343", '{"b64":"AAE="}'),
    fc.string({ unit: "binary", maxLength: 12 }).map((text) => JSON.stringify(text)),
    fc.array(tie("value"), { maxLength: 5 }).map((items) => `[${items.join(",")}]`),
    fc
      .array(fc.tuple(fc.constantFrom("y", "s", "b64", "__proto__", "outputs", "name"), tie("value")), { maxLength: 3 })
      .map((members) => `{${members.map(([key, item]) => `"${key}":${item}`).join(",")}}`),
  ),
}));

const reply = fc
  .tuple(fc.constantFrom("outputs", "predictions", "results", "error", "model_version_status", "metadata"), value)
  .map(([key, inner]) => `{"${key}":${inner}}`);

/** Lines of metrics, most of them nearly right. */
const metrics = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ...[
          ":tensorflow:serving:request_count",
          ":tensorflow:serving:request_latency_bucket",
          "a",
          "# TYPE a",
          "",
          "{",
        ],
      ),
      fc.constantFrom("", "{}", '{model_name="m",status="OK"}', '{le="+Inf"}', '{le="10",}', '{a="\\"\n', "{a=1}", " "),
      fc.oneof(fc.double().map(String), fc.constantFrom("NaN", "+Inf", "-1", "1e999", "0x1", "", "1 2 3", "1 # {} 2")),
      fc.constantFrom("\n", "\r\n", "", "\n\n"),
    ),
    { maxLength: 40 },
  )
  .map((lines) => lines.map(([name, labels, value, end]) => `${name}${labels} ${value}${end}`).join(""));

/** Fields of configuration files in any order and depth. */
const { fields: config } = fc.letrec<{ fields: string }>((tie) => ({
  fields: fc
    .array(
      fc.tuple(
        fc.constantFrom(
          ...["model_config_list", "config", "name", "base_path", "model_platform", "model_version_policy", "specific"],
          ...["latest", "all", "versions", "version_labels", "key", "value", "num_versions", "logging_config"],
          ...["max_batch_size", "batch_timeout_micros", "allowed_batch_sizes", "prometheus_config", "enable", "path"],
          ...["custom_model_config", "[a/b.C]", "__proto__", "sampling_config", "model_type"],
        ),
        fc.oneof(
          { depthSize: "small" },
          fc.constantFrom(
            ": 1",
            ': "x"',
            ": -9223372036854775808",
            ": true",
            ": [1, 2]",
            ": 0x7F",
            ": nan",
            ": 1e5f",
            ":",
          ),
          fc.string({ unit: "binary", maxLength: 8 }).map((text) => `: ${JSON.stringify(text)}`),
          tie("fields").map((inner) => ` { ${inner} }`),
          tie("fields").map((inner) => `: < ${inner} >`),
        ),
        fc.constantFrom(" ", "\n", ", ", "; ", " # x\n"),
      ),
      { maxLength: 6 },
    )
    .map((all) => all.map((parts) => parts.join("")).join("")),
}));

const TEXTS = { json: reply, metrics, config } as const;

/** Inputs made from nothing. */
export function generated(dialect: Dialect, seed: number, count: number): Buffer[] {
  const bytes: fc.Arbitrary<Buffer> =
    dialect === "protobuf" ? fields.map((all) => Buffer.from(all)) : TEXTS[dialect].map((text) => Buffer.from(text));
  return fc.sample(bytes, { seed, numRuns: count });
}

function tag(number: number, type: number): Uint8Array {
  const whole = (number << 3) | type;
  return whole < 0x80 ? Uint8Array.of(whole) : Uint8Array.of((whole & 0x7f) | 0x80, whole >>> 7);
}

function lengthDelimited(number: number, bytes: Uint8Array): Uint8Array {
  const size = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >>> 7];
  return message(tag(number, 2), Uint8Array.from(size), bytes);
}
