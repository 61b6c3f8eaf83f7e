import type { Random } from "./random.ts";

/** No input grows beyond this: small against the limit that replies are read with, so that a balloon shows. */
export const MAX_INPUT_BYTES = 64 << 10;

type Step = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

/** What readers trip over: tokens of JSON, metrics and text format, and bytes of protobuf that claim more than they bring. */
const TOKENS = [
  ...["NaN", "-Infinity", "Infinity", "1e999", "-0.0", "-", "0.", "1e", "00", "18446744073709551616", "null", "true"],
  ...['{"b64":"', '"}', '"b64"', '"outputs"', '"predictions"', '"results"', '"error"', '"__proto__"', '"constructor"'],
  ...[
    "[",
    "]",
    "[[",
    "]]",
    "[]",
    "{",
    "}",
    "{}",
    ",",
    ":",
    '"',
    "\\",
    "\\u",
    "\\ud800",
    "\\u0000",
    "\ufeff",
    "[[[[[[[[",
  ],
  ...[
    'le="+Inf"',
    '="',
    "\n",
    "\r\n",
    "#",
    " ",
    "<",
    ">",
    ";",
    "'",
    "-inf",
    "0x",
    "[a.b/c.D]",
    "\\x",
    "\\777",
    "\\U0010ffff",
  ],
].map((text) => Buffer.from(text));

const BYTES = [
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0x80, 0x00],
  [0x0b, 0x0c],
  [0x0b],
  [0x7a, 0x00],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0x00],
  [0x00, 0x00, 0xc0, 0x7f],
].map((bytes) => Buffer.from(bytes));

const STEPS: readonly Step[] = [
  (bytes, random) => changed(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => changed(bytes, random, () => random.below(256)),
  (bytes, random) =>
    changed(bytes, random, () => random.pick([0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x22, 0x42, 34, 44])),
  (bytes, random) => changed(bytes, random, (byte) => byte + random.pick([-1, 1, 8, -8])),
  (bytes, random) => inserted(bytes, random, random.pick(TOKENS)),
  (bytes, random) => inserted(bytes, random, random.pick(BYTES)),
  (bytes, random) => overwritten(bytes, random, random.pick(random.below(2) === 0 ? TOKENS : BYTES)),
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return inserted(bytes, random, bytes.subarray(from, to));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    const part = bytes.subarray(from, Math.min(to, from + 16));
    return inserted(bytes, random, Buffer.concat(Array.from({ length: 1 + random.below(2000) }, () => part)));
  },
  (bytes, random, others) => {
    const other = random.pick(others);
    const [from, to] = range(other, random);
    return inserted(bytes, random, other.subarray(from, to));
  },
  (bytes, random, others) => {
    const other = random.pick(others);
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]);
  },
];

/** A new input made of `bytes` by one to six random changes. Never changes `bytes` itself. */
export function mutate(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let mutated = bytes;
  // Few changes most of the time: the more there are, the earlier the reader stops.
  for (let left = 1 + random.below(1 + random.below(6)); left > 0; left--) {
    mutated = random.pick(STEPS)(mutated, random, others).subarray(0, MAX_INPUT_BYTES);
  }
  return Buffer.from(mutated);
}

function changed(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  copy[at] = change(copy[at] as number);
  return copy;
}

function inserted(bytes: Buffer, random: Random, piece: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function overwritten(bytes: Buffer, random: Random, piece: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + piece.length)]);
}

function range(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  return [from, from + random.below(Math.min(bytes.length - from, 4096) + 1)];
}
