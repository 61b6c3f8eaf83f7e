import { describe, expect, it } from "vitest";
import { formatDecimal, formatSignificant } from "../../src/testing/wire/decimal.ts";
import { readJson } from "../../src/testing/wire/json-reader.ts";
import { writeErrorBody } from "../../src/testing/wire/json-results.ts";
import fc from "./fast-check.ts";

describe("formatDecimal", () => {
  it("writes float32 so that it reads back to the same bits", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(Number(formatDecimal(value, 9)))).toBe(value);
      }),
    );
  });

  it("writes float64 so that it reads back to the same bits", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(formatDecimal(value, 17))).toBe(value);
      }),
    );
  });

  it("never writes a whole number without a point or an exponent", () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(formatDecimal(value, 17)).toMatch(/[.e]/);
      }),
    );
  });
});

describe("formatSignificant", () => {
  it("is as near as its digits allow", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: 1e-300, max: 1e300 }),
        fc.integer({ min: 1, max: 17 }),
        (value, digits) => {
          const nearest = Number(value.toPrecision(digits));
          expect(Math.abs(Number(formatSignificant(value, digits)) - value)).toBeLessThanOrEqual(
            Math.abs(nearest - value),
          );
        },
      ),
    );
  });
});

describe("readJson", () => {
  it("reads what JSON.stringify writes, whole numbers as bigint", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.boolean(), fc.constant(null), fc.maxSafeInteger(), fc.string({ unit: "grapheme" }))),
        (items) => {
          const expected = items.map((item) =>
            typeof item === "number" ? BigInt(item) : typeof item === "string" ? new TextEncoder().encode(item) : item,
          );
          expect(readJson(Buffer.from(JSON.stringify(items)))).toEqual(expected);
        },
      ),
    );
  });

  it("reads a double within two units in the last place, as the server's fast mode does", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e200, max: 1e200 }), (value) => {
        const token = value.toExponential();
        const [read] = readJson(Buffer.from(`[${token}]`)) as readonly [number];
        expect(Math.abs(read - value)).toBeLessThanOrEqual(2 * unitOf(value));
      }),
    );
  });

  it("says where it stopped, or reads: it never fails in another way", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          readJson(bytes);
        } catch (thrown) {
          expect(thrown).toMatchObject({
            code: "INVALID_ARGUMENT",
            message: expect.stringMatching(/^JSON Parse error: /),
          });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("writeErrorBody", () => {
  it("writes JSON that holds the message", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (message) => {
        expect(JSON.parse(Buffer.from(writeErrorBody(message)).toString())).toEqual({ error: message });
      }),
    );
  });
});

/** The distance to the next double. */
function unitOf(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
  return bits.getFloat64(0) - Math.abs(value);
}
