import { describe, expect } from "vitest";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { seededRandom } from "../../../src/internal/seeded-random.ts";
import { cpuTimeMs } from "../lab/cpu-time.ts";
import type { Laboratory } from "../lab/laboratory.ts";
import type { Outcome } from "../lab/ledger.ts";
import { grpcOutputs, restReply } from "../lab/replies.ts";
import { row } from "../lab/row.ts";

/** What takes milliseconds, and hours where its work is the square of its size. */
const MOST_CPU_MS = 5_000;

/** Asks once, and sees that it did not take much computing. */
async function askFast(lab: Laboratory, address: string): Promise<Outcome> {
  const before = cpuTimeMs();
  const outcome = await lab.ask(lab.client(address));
  expect(cpuTimeMs() - before).toBeLessThan(MOST_CPU_MS);
  return outcome;
}

/** A field of wire type 2. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** An entry of `outputs` named x whose value is these bytes. */
const output = (value: Buffer) => field(1, Buffer.concat([field(1, Buffer.from("x")), field(2, value)]));

/** Fields of unknown number one in the other. */
function nested(depth: number): Buffer {
  // From the inside out, in one buffer: each level adds a tag and a length in five bytes.
  const bytes = Buffer.alloc(depth * 6);
  let start = bytes.length;
  for (let level = 0; level < depth; level++) {
    const length = bytes.length - start;
    start -= 6;
    bytes[start] = (15 << 3) | 2;
    for (let at = 0; at < 5; at++) bytes[start + 1 + at] = ((length >>> (7 * at)) & 0x7f) | (at < 4 ? 0x80 : 0);
  }
  return bytes.subarray(start);
}

const DAMAGED: Readonly<Record<string, Buffer>> = {
  "a length beyond the end": Buffer.of(0x0a, 0x7f, 1, 2, 3),
  "a negative length": Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  "a varint of eleven bytes": Buffer.of(0x0a, ...new Array(10).fill(0xff), 0x01),
  "a varint without end": Buffer.of(0x0a, 0xff, 0xff),
  "field number 0": Buffer.of(0x02, 0x00),
  "wire type 7": Buffer.of(0x0f, 0x00),
  "wire type 6": Buffer.of(0x0e, 0x00),
  "a varint where outputs should be": Buffer.of(0x08, 0x01),
  "a group that never ends": Buffer.of(0x7b, 0x08, 0x01),
  "the end of a group that never began": Buffer.of(0x7c),
  "a tensor that is text": output(Buffer.from("hello world")),
  "groups 100,000 deep": Buffer.alloc(100_000, 0x7b),
  "a tensor whose shape is cut": output(Buffer.of(0x12, 0x05, 0x12)),
};

describe("decoding", () => {
  for (const [name, bytes] of Object.entries(DAMAGED)) {
    row(41, "grpc", `${name} is a decode error`, async (lab) => {
      const server = await lab.http2({ onRequest: (stream) => stream.answer(bytes) });
      const outcome = await askFast(lab, server.address);
      expect(outcome.error).toMatchObject({ kind: "decode", code: "INTERNAL", retryable: false });
      expect(outcome.attempts).toHaveLength(1);
    });
  }

  row(
    41,
    "grpc",
    "unknown fields 100,000 deep are passed over, or a decode error, without a stack overflow",
    async (lab) => {
      const server = await lab.http2({
        onRequest: (stream) =>
          stream.answer(Buffer.concat([grpcOutputs(stream.call, rightTensor(stream.call)), nested(100_000)])),
      });
      const outcome = await askFast(lab, server.address);
      expect(outcome.error?.kind ?? "decode").toBe("decode");
    },
  );

  row(41, "grpc", "300 replies of random bytes are decode errors or nothing worse than empty", async (lab) => {
    const random = seededRandom(41);
    const server = await lab.http2({
      onRequest: (stream) => {
        const bytes = Buffer.from(
          Array.from({ length: 1 + Math.floor(random() * 64) }, () => Math.floor(random() * 256)),
        );
        // Begins like outputs, or most would be taken for unknown fields.
        bytes[0] = 0x0a;
        stream.answer(bytes);
      },
    });
    const client = lab.client(server.address);
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => lab.ask(client)));
    const kinds = new Set(outcomes.map(({ error }) => error?.kind));
    expect([...kinds]).toEqual(["decode"]);
  });

  const f = DataType.DT_FLOAT;
  const CONTRADICTING: Readonly<Record<string, Parameters<typeof grpcOutputs>[1]>> = {
    "more values than the shape": { dtype: f, tensorShape: shape(2n), floatVal: [1, 2, 3] },
    "less content than the shape": { dtype: f, tensorShape: shape(4n), tensorContent: Buffer.alloc(12) },
    "a dimension of -1": { dtype: f, tensorShape: shape(-1n), floatVal: [1] },
    "a product beyond 2^63": { dtype: f, tensorShape: shape(1n << 31n, 1n << 31n, 1n << 31n), floatVal: [1] },
    "a dimension of 2^62": { dtype: f, tensorShape: shape(1n << 62n), floatVal: [1] },
    "one value for 10^9 elements": { dtype: f, tensorShape: shape(1_000_000_000n), floatVal: [1] },
    "no value for 10^9 elements": { dtype: f, tensorShape: shape(1_000_000_000n) },
    "content that is no whole number of elements": { dtype: f, tensorShape: shape(2n), tensorContent: Buffer.alloc(7) },
    "both content and values": { dtype: f, tensorShape: shape(1n), tensorContent: Buffer.alloc(4), floatVal: [1] },
    "an unknown rank": { dtype: f, tensorShape: { dim: [], unknownRank: true }, floatVal: [1, 2] },
    "no dtype": { dtype: DataType.DT_INVALID, tensorShape: shape(1n), floatVal: [1] },
    "10^9 strings": { dtype: DataType.DT_STRING, tensorShape: shape(1_000_000_000n), stringVal: [Buffer.from("x")] },
    "too many dimensions": { dtype: f, tensorShape: shape(...new Array(300).fill(1n)), floatVal: [1] },
  };
  for (const [name, tensor] of Object.entries(CONTRADICTING)) {
    row(42, "grpc", `a tensor with ${name} is a decode error before anything is allocated`, async (lab) => {
      const server = await lab.http2({ onRequest: (stream) => stream.answer(grpcOutputs(stream.call, tensor)) });
      const before = process.memoryUsage().rss;
      const outcome = await lab.ask(lab.client(server.address));
      expect(["decode", "too_large"]).toContain(outcome.error?.kind);
      expect(outcome.error?.retryable).toBe(false);
      expect(outcome.attempts).toHaveLength(1);
      expect(process.memoryUsage().rss - before).toBeLessThan(256 << 20);
    });
  }

  const BAD_JSON: Readonly<Record<string, string | Buffer>> = {
    "10^6 levels deep": `{"outputs": ${"[".repeat(1_000_000)}`,
    "10^6 objects deep": `{"outputs": ${'{"a":'.repeat(1_000_000)}`,
    "with bytes after the end": '{"outputs": [1.0]} {"outputs": [2.0]}',
    "with the same key twice": '{"outputs": [7.0], "outputs": [8.0]}',
    "of ragged lists": '{"outputs": [[1.0, 2.0], [3.0]]}',
    "with numbers and texts": '{"outputs": [1.0, "a"]}',
    "with a number that is none": '{"outputs": [1.0.0]}',
    "with a number of 10^5 digits and two signs": `{"outputs": [--${"1".repeat(100_000)}]}`,
    "with an escape that is cut": '{"outputs": ["\\u12"]}',
    empty: "",
    "an empty object": "{}",
    "with a null": '{"outputs": null}',
    "cut though its length is right": '{"outputs": [1.0',
  };
  for (const [name, body] of Object.entries(BAD_JSON)) {
    row(43, "rest", `JSON ${name} is a decode error`, async (lab) => {
      const server = await lab.http1({ onRequest: (exchange) => exchange.reply(200, body) });
      const outcome = await askFast(lab, server.address);
      expect(outcome.error).toMatchObject({ kind: "decode", retryable: false });
      expect(outcome.attempts).toHaveLength(1);
    });
  }

  row(43, "rest", "NaN and infinities are the numbers they name", async (lab) => {
    const server = await lab.http1({
      onRequest: (exchange) => exchange.reply(200, `{"outputs": [${exchange.call}.0, NaN, Infinity, -Infinity]}`),
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect([...(Object.values(outcome.value?.outputs ?? {})[0]?.data ?? [])].slice(1)).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  row(43, "rest", "an int64 beyond 2^53 comes in exactly", async (lab) => {
    const server = await lab.testServer();
    const model = lab.client(server.address).model("echo", { signatureName: "int64" });
    const big = 2n ** 53n + 1n;
    const { outputs } = await model.predict({ x: [big, -(2n ** 63n)] });
    expect([...outputs["x"]!.data]).toEqual([big, -(2n ** 63n)]);
  });

  row(43, "rest", "names that objects have by themselves are names, and the prototype stays as it is", async (lab) => {
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    const server = await lab.http1({
      onRequest: (exchange) =>
        exchange.reply(
          200,
          `{"outputs": {"__proto__": [${exchange.call}.0], "constructor": [2.0], "toString": [3.0]}}`,
        ),
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toBeUndefined();
    expect(Object.keys(outcome.value!.outputs).sort()).toEqual(["__proto__", "constructor", "toString"]);
    expect(Object.getPrototypeOf(outcome.value!.outputs)).toBeNull();
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  row(43, "rest", "text that is no UTF-8 comes in byte by byte", async (lab) => {
    const body = Buffer.concat([Buffer.from('{"outputs": ["'), Buffer.of(0x61, 0xff, 0xfe), Buffer.from('"]}')]);
    const server = await lab.http1({ onRequest: (exchange) => exchange.reply(200, body) });
    const { outputs } = await lab.client(server.address).predict({ model: "m", inputs: { x: [1] } });
    expect(Object.values(outputs)[0]?.data).toEqual([Uint8Array.of(0x61, 0xff, 0xfe)]);
  });

  row(43, "rest", "a byte order mark in front is passed over or a decode error", async (lab) => {
    const server = await lab.http1({
      onRequest: (exchange) => exchange.reply(200, `\ufeff${restReply(exchange.call)}`),
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error?.kind ?? "decode").toBe("decode");
  });

  for (const status of [301, 302, 303, 307, 308]) {
    row(46, "rest", `a redirect with ${status} is not followed, and shows no user-info`, async (lab) => {
      const elsewhere = await lab.http1();
      const server = await lab.http1({
        onRequest: (exchange) => {
          const location = `http://user:canary-secret@127.0.0.1:${elsewhere.port}/v1/there?token=canary-secret`;
          exchange.reply(status, "", { location });
        },
      });
      const outcome = await lab.ask(lab.client(server.address));
      expect(outcome.error).toMatchObject({ kind: "protocol", retryable: false });
      expect(outcome.error?.message).toContain(`127.0.0.1:${elsewhere.port}/v1/there`);
      expect(JSON.stringify(outcome.error) + String(outcome.error?.stack)).not.toContain("canary-secret");
      expect(outcome.attempts).toHaveLength(1);
      expect(elsewhere.accepted).toBe(0);
    });
  }
});

function shape(...sizes: readonly bigint[]) {
  return { dim: sizes.map((size) => ({ size })) };
}

function rightTensor(call: number): Parameters<typeof grpcOutputs>[1] {
  return { dtype: DataType.DT_FLOAT, tensorShape: shape(1n), floatVal: [call] };
}
