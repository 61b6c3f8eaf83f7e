import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskedCrc32c } from "../../../../src/grpc/warm-up/crc32c.ts";
import { MAX_RECORDS, recordsOf } from "../../../../src/grpc/warm-up/records.ts";
import { predictsFor, readWarmUpRequests } from "../../../../src/grpc/warm-up/warm-up-requests.ts";
import { predictLog, tfRecords } from "./tf-records.ts";

/** Written by TensorFlow: test/peers/warm_up_file.py. */
const file = () => readFileSync(new URL("../../../fixtures/warm-up/requests.tfrecord", import.meta.url));

describe("maskedCrc32c", () => {
  // CRC-32C of RFC 3720, B.4, and of the usual check text, before they are masked.
  it.each([
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from("123456789"), 0xe3069283],
    [Buffer.alloc(0), 0],
  ])("of %o is the known one, masked", (bytes, crc) => {
    const turned = BigInt.asUintN(32, (BigInt(crc) >> 15n) | (BigInt(crc) << 17n));
    expect(BigInt(maskedCrc32c(bytes))).toBe(BigInt.asUintN(32, turned + 0xa282ead8n));
  });

  it("is the same as a bit at a time, whatever the length and the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        let remainder = 0xffffffff;
        for (const byte of bytes) {
          remainder ^= byte;
          for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
        }
        const crc = BigInt(~remainder >>> 0);
        const masked = BigInt.asUintN(32, BigInt.asUintN(32, (crc >> 15n) | (crc << 17n)) + 0xa282ead8n);
        expect(BigInt(maskedCrc32c(bytes))).toBe(masked);
      }),
      { numRuns: 500 },
    );
  });
});

describe("readWarmUpRequests", () => {
  it("reads the predict requests that TensorFlow wrote, and counts the rest", () => {
    const { predicts, others } = readWarmUpRequests(file());
    expect(predicts.map(({ signatureName, inputs }) => [signatureName, Object.keys(inputs).sort()])).toEqual([
      ["serving_default", ["ids", "names", "x"]],
      ["encode", ["flags", "half", "pixels"]],
      ["serving_default", ["x"]],
    ]);
    const { x, ids } = predicts[0]!.inputs;
    expect([x?.dtype, x?.shape, x?.toNested()]).toEqual([
      "float32",
      [2, 3],
      [
        [1, 2, 5],
        [0.5, -0.25, Number.POSITIVE_INFINITY],
      ],
    ]);
    expect(ids?.toNested()).toEqual([1n, -(2n ** 63n), 2n ** 63n - 1n]);
    expect(Object.fromEntries(others)).toEqual({ classify: 1, regress: 1, "multi-inference": 1 });
  });

  it("has no prototype behind the inputs", () => {
    const [request] = readWarmUpRequests(file()).predicts;
    expect(Object.getPrototypeOf(request?.inputs)).toBeNull();
  });

  it("says where a file is cut, whatever is missing", () => {
    const whole = file();
    const first = whole.readUInt32LE(0) + 16;
    for (let length = first + 1; length < whole.length; length++) {
      const cut = Buffer.from(whole.subarray(0, length));
      const isBetween = [...recordEnds(whole)].includes(length);
      if (isBetween) expect(readWarmUpRequests(cut).predicts.length).toBeLessThanOrEqual(2);
      else expect(() => readWarmUpRequests(cut)).toThrow(/^record \d, at byte \d+, is cut: /);
    }
  });

  it("sees every byte that was changed", () => {
    const whole = file();
    for (let at = 0; at < whole.length; at++) {
      const broken = Buffer.from(whole);
      broken[at]! ^= 0x10;
      expect(() => readWarmUpRequests(broken)).toThrow(
        /^record \d, at byte \d+, has a (length with a )?wrong checksum/,
      );
    }
  });

  it("believes no length that the file does not have", () => {
    const huge = Buffer.alloc(16);
    huge.writeBigUInt64LE(2n ** 40n);
    huge.writeUInt32LE(maskedCrc32c(huge.subarray(0, 8)), 8);
    expect(() => readWarmUpRequests(huge)).toThrow("claims 1099511627776 bytes where 4 are left");
  });

  it("takes as many records as the server and no more", () => {
    const records = Array.from({ length: MAX_RECORDS }, () => predictLog("", 1));
    expect(readWarmUpRequests(tfRecords(records)).predicts).toHaveLength(MAX_RECORDS);
    expect(() => readWarmUpRequests(tfRecords([...records, predictLog("", 1)]))).toThrow(
      "it has more than 1000 records, the server takes no more",
    );
  });

  it("says which record is no PredictionLog", () => {
    const records = [predictLog("", 1), Buffer.from([0x32, 0x05, 0x0a])];
    expect(() => readWarmUpRequests(tfRecords(records))).toThrow(
      /^record 1: PredictionLog: a field claims 5 bytes where 1 are left/,
    );
  });

  it("counts what says nothing", () => {
    const { predicts, others } = readWarmUpRequests(tfRecords([Buffer.alloc(0), Buffer.from([0x0a, 0x00])]));
    expect(predicts).toEqual([]);
    expect(Object.fromEntries(others)).toEqual({ nothing: 2 });
  });

  it("takes the last kind where a record has several", () => {
    const predict = predictLog("a", 1);
    const classify = Buffer.from([0x12, 0x00]);
    const both = readWarmUpRequests(
      tfRecords([Buffer.concat([predict, classify]), Buffer.concat([classify, predict])]),
    );
    expect(both.predicts).toHaveLength(1);
    expect(Object.fromEntries(both.others)).toEqual({ classify: 1 });
  });

  it("reads nothing of an empty file", () => {
    expect([...recordsOf(Buffer.alloc(0))]).toEqual([]);
  });
});

describe("predictsFor", () => {
  it("gives the requests of one signature, in order", () => {
    const requests = readWarmUpRequests(file());
    expect(predictsFor(requests, "serving_default")).toHaveLength(2);
    expect(predictsFor(requests, "encode")).toHaveLength(1);
  });

  it("says what there is instead", () => {
    expect(() => predictsFor(readWarmUpRequests(file()), "other")).toThrow(
      'it has no predict request for signature "other"; it has predict requests for "serving_default", "encode", 1 of kind classify, 1 of kind regress, 1 of kind multi-inference',
    );
    expect(() => predictsFor(readWarmUpRequests(Buffer.alloc(0)), "x")).toThrow("it has no record at all");
  });
});

function* recordEnds(whole: Buffer): Generator<number> {
  for (let at = 0; at < whole.length; yield at) at += whole.readUInt32LE(at) + 16;
}
