import * as fc from "fast-check";
import { message, unknownField } from "../property/grpc-wire-bytes.ts";

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

/** Inputs made from nothing. */
export function generated(wire: "grpc" | "rest", seed: number, count: number): Buffer[] {
  const bytes: fc.Arbitrary<Buffer> =
    wire === "grpc" ? fields.map((all) => Buffer.from(all)) : reply.map((text) => Buffer.from(text));
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
