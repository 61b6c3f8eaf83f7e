import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "./fast-check.ts";

/** One field as bytes, tag included. */
export type FieldBytes = Uint8Array;

/** A length-delimited field. */
export function bytesField(number: number, bytes: Uint8Array): FieldBytes {
  return new BinaryWriter()
    .uint32((number << 3) | WireType.LengthDelimited)
    .bytes(bytes)
    .finish();
}

/** Several fields in one message. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(fields));
}

/** Fields that no schema here has. */
export const unknownField: fc.Arbitrary<FieldBytes> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 200, max: 5000 }), fc.uint8Array({ maxLength: 9 }))
    .map(([number, bytes]) => bytesField(number, bytes)),
  fc.tuple(fc.integer({ min: 200, max: 5000 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map(([number, value]) =>
    new BinaryWriter()
      .uint32(number << 3)
      .uint64(value)
      .finish(),
  ),
  fc.integer({ min: 200, max: 5000 }).map((number) =>
    new BinaryWriter()
      .uint32((number << 3) | WireType.Bit32)
      .fixed32(7)
      .finish(),
  ),
  fc.integer({ min: 200, max: 5000 }).map((number) =>
    new BinaryWriter()
      .uint32((number << 3) | WireType.Bit64)
      .fixed64(7)
      .finish(),
  ),
);

/** Fields in any order, with unknown ones between them. */
export function shuffled(fields: readonly FieldBytes[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.array(unknownField, { maxLength: 3 }))
    .chain(([unknown]) => {
      const all = [...fields, ...unknown];
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    })
    .map((all) => message(...all));
}

export type NumberKind = "float" | "double" | "int32" | "int64" | "uint32" | "uint64" | "bool";

/** A repeated field cut into pieces, each of them packed or one value a field; pieces stay in their order. */
export function pieces(
  number: number,
  kind: NumberKind,
  values: readonly (number | bigint | boolean)[],
): fc.Arbitrary<FieldBytes[]> {
  return fc.array(fc.tuple(fc.nat(7), fc.boolean()), { minLength: 1, maxLength: 4 }).map((cuts) => {
    const fields: FieldBytes[] = [];
    let from = 0;
    cuts.forEach(([length, packed], index) => {
      const to = index === cuts.length - 1 ? values.length : Math.min(values.length, from + length);
      const piece = values.slice(from, to);
      from = to;
      if (packed) fields.push(bytesField(number, message(...piece.map((value) => scalar(kind, value)))));
      else {
        for (const value of piece) {
          const tag = new BinaryWriter().uint32((number << 3) | wireTypeOf(kind)).finish();
          fields.push(message(tag, scalar(kind, value)));
        }
      }
    });
    return fields;
  });
}

function wireTypeOf(kind: NumberKind): WireType {
  if (kind === "float") return WireType.Bit32;
  return kind === "double" ? WireType.Bit64 : WireType.Varint;
}

function scalar(kind: NumberKind, value: number | bigint | boolean): Uint8Array {
  const writer = new BinaryWriter();
  return writer[kind](value as never).finish();
}
