import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { JsonReader } from "../../../../src/rest/json/json-reader.ts";
import { NestedReader } from "../../../../src/rest/json/nested-reader.ts";
import { openPlainFloats } from "../../../../src/rest/json/plain-floats.ts";
import fc from "../../../property/fast-check.ts";

type Modules = Pick<typeof import("../../../../src/rest/json/json-reader.ts"), "JsonReader"> &
  Pick<typeof import("../../../../src/rest/json/nested-reader.ts"), "NestedReader">;

const FRONT = '{"v":';
const withKernel: Modules = { JsonReader, NestedReader };

/** The same modules once more, where WebAssembly cannot be had: the careful loop reads everything. */
let withoutKernel: Modules;

beforeAll(async () => {
  vi.resetModules();
  vi.stubGlobal("WebAssembly", undefined);
  const { JsonReader } = await import("../../../../src/rest/json/json-reader.ts");
  const { NestedReader } = await import("../../../../src/rest/json/nested-reader.ts");
  const { openPlainFloats } = await import("../../../../src/rest/json/plain-floats.ts");
  withoutKernel = { JsonReader, NestedReader };
  expect(openPlainFloats(new JsonReader(Buffer.alloc(1 << 20, "1")))).toBeUndefined();
  vi.unstubAllGlobals();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What becomes of a tensor's lists: its bits and its shape, or why not. */
function outcome(
  { JsonReader, NestedReader }: Modules,
  lists: string | Buffer,
  dtype?: "float32" | "float64",
): unknown {
  const reader = new JsonReader(Buffer.concat([Buffer.from(FRONT), Buffer.from(lists), Buffer.from("}")]));
  try {
    reader.begin();
    const nested = new NestedReader(dtype);
    reader.object(() => nested.read(reader));
    reader.finish();
    const { data, shape } = nested.finish(nested.shape);
    const { buffer, byteOffset, byteLength } = data as Float32Array;
    return { shape, bits: Buffer.from(buffer, byteOffset, byteLength).toString("hex") };
  } catch (error) {
    return (error as Error).message;
  }
}

function expectSame(lists: string | Buffer): void {
  for (const dtype of ["float32", "float64", undefined] as const) {
    expect(outcome(withKernel, lists, dtype)).toEqual(outcome(withoutKernel, lists, dtype));
  }
}

/** The values that the kernel alone finds in a list, which comes over and over until the body is long. */
function readPlain(texts: readonly string[], wide: boolean): number[] {
  const reader = new JsonReader(Buffer.from(`${FRONT}[${repeated(texts, 8192).join()}]}`));
  reader.position = FRONT.length + 1;
  const out = new (wide ? Float64Array : Float32Array)(texts.length);
  const count = openPlainFloats(reader)!.read(reader.position, out, 0, 0, 0);
  return Array.from(out.subarray(0, count));
}

function repeated(texts: readonly string[], leastBytes: number): string[] {
  const bytes = texts.reduce((sum, text) => sum + text.length + 1, 0);
  return Array.from({ length: Math.ceil(leastBytes / bytes) }, () => texts).flat();
}

/** Numbers in the forms that servers write, and in forms that nobody does. */
const text = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1, max: 1 }).map((value) => value.toPrecision(9)),
  },
  { weight: 2, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }).map(String) },
  {
    weight: 2,
    arbitrary: fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 })
      .map((value) => value.toPrecision(17)),
  },
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc
    .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 40 }))
    .map(([value, digits]) => value.toPrecision(digits)),
  fc
    .tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 30 }))
    .map(([value, digits]) => value.toFixed(digits)),
  fc
    .tuple(
      fc.bigInt(0n, 10n ** 24n),
      fc.nat(24),
      fc.integer({ min: -60, max: 60 }),
      fc.constantFrom("e", "E", "e+", "e-0", "e000"),
    )
    .map(([digits, at, power, e]) => {
      const all = digits.toString().padStart(at + 1, "0");
      return `${all.slice(0, all.length - at)}${at === 0 ? "" : `.${all.slice(all.length - at)}`}${e}${Math.abs(power)}`;
    }),
  fc.constantFrom(
    "0",
    "-0",
    "0.0",
    "-0.0",
    "1",
    "-7",
    "0.5",
    "1e+06",
    "1.17549435e-38",
    "1e-45",
    "3.4028234663852886e38",
  ),
);

/** At the limits of what 64 bits hold, in forms that look like numbers, and numbers that are none of one dtype. */
const ODD = [
  ...["NaN", "-Infinity", "Infinity", "Inf", "-", "", ".5", "+1", "--1", "1.5.5", '"1"', "[]", "null"],
  ...[
    "1.",
    "-1.",
    "1234567890123456.",
    "01",
    "-00.5",
    "0000000000000000.5",
    "-00000000000000000001",
    "1e",
    "1e+",
    "1.5E-",
  ],
  ...[
    "1e999",
    "1e00009",
    "1e0000000001",
    "1e4294967297",
    "1e00018446744073709551617",
    "3.5e38",
    "3.4028235e38",
    "1e-400",
  ],
  ...[
    "18446744073709551617",
    "99999999999999999999",
    "36893488147419103233",
    "18446744073709551617.5",
    "1e19",
    "9999999999999999999",
  ],
  ...[
    "1.84467440737095516175",
    "0.36893488147419103233",
    "12.36893488147419103233",
    "0.018446744073709551617",
    "0.00000000000000000000000123",
  ],
  ...[
    "4503599627370497.5",
    "9007199254740993.0",
    "1234567890123456.789",
    "1234567890123457.789",
    "9223372036854775807.5",
  ],
  ...[
    "999999999999999e22",
    "999999999999999e24",
    "9999999999999999e-22",
    "1000000000000000e-22",
    "1e23",
    "1e-23",
    "5e-324",
    "1e-63",
    "1e64",
  ],
];

/** As above, with what is no number now and then. */
const token = fc.oneof({ weight: 60, arbitrary: text }, fc.constantFrom(...ODD));

const space = fc.constantFrom("", "", "", " ", "\n", "\n            ", "\t", "\r\n", " ".repeat(70), "\v");

describe("openPlainFloats", () => {
  it("is for long bodies", () => {
    const short = new JsonReader(Buffer.from(`{"v":[${"0.25,".repeat(500)}1]}`));
    expect(openPlainFloats(short)).toBeUndefined();
    const long = new JsonReader(Buffer.from(`{"v":[${"0.25,".repeat(1000)}1]}`));
    expect(openPlainFloats(long)).toBeDefined();
    long.position = 4000;
    expect(openPlainFloats(long)).toBeUndefined();
  });
});

describe("PlainFloats", () => {
  it("reads lists of any numbers, written in any way, to the same bits as the careful loop", () => {
    const lists = fc
      .tuple(fc.array(token, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 30 }), space, space, fc.nat(2))
      .map(([tokens, rowLength, before, behind, levels]) => {
        const all = repeated(tokens, 6000);
        const comma = `${before},${behind}`;
        const rows = Array.from({ length: Math.floor(all.length / rowLength) }, (_, row) => {
          const items = all.slice(row * rowLength, (row + 1) * rowLength).join(comma);
          return levels === 2 ? `[[${before}${items}${behind}]]` : `[${before}${items}${behind}]`;
        });
        return levels === 0 ? `[${all.join(comma)}]` : `[${rows.join(comma)}]`;
      });
    fc.assert(fc.property(lists, expectSame), { numRuns: 300 });
  });

  it.each(ODD)("does with %j what the careful loop does", (odd) => {
    const some = "0.125,-2.5e-05,100.0,";
    for (const behind of ["", " "]) expectSame(`[${some.repeat(300)}${odd}${behind},${some.repeat(300)}1.5]`);
  });

  it("leaves a float32 to the careful loop when its digits end close to the middle between two", () => {
    for (const bits of [0x3f80_0000, 0x3dcc_cccd, 0x37fb_a882, 0x4640_e400, 0x0da2_4260]) {
      const [value, next] = new Float32Array(Uint32Array.of(bits, bits + 1).buffer);
      const texts = [-3, -2, -1, 0, 1, 2, 3].map((units) =>
        (((value! + next!) / 2) * (1 + units * 2 ** -52)).toPrecision(18),
      );
      expectSame(`[${repeated(texts, 6000).join()}]`);
      for (const text of texts) expect(readPlain(["0.5", text], false)).toEqual([0.5]);
    }
    expect(readPlain(["0.5", "1.0000000596046447", "1.00000005960464"], false)).toEqual([0.5]);
    expect(readPlain(["0.5", "1.00000005960464", "1.0000000596"], false)).toEqual([0.5, 1, 1]);
  });

  it("believes no byte behind the end of a piece, wherever that cuts a number", () => {
    // Behind the piece lies what was read from it, which looks like the rest of a number and the next one: "1,1>".
    const first = new Float32Array(Uint32Array.of(0x3e31_2c31).buffer)[0]!.toPrecision(9);
    for (const text of ["0.25", "-0.123456789", "1e-05", "-1.2345678901234567", "-0.12345678901234567e-05"]) {
      const numbers = repeated([text], 20_000).join();
      for (let shift = 1; shift <= text.length + 1; shift++) {
        expectSame(`[${first},${"1".repeat(shift)},${numbers}]`);
        expectSame(`[${first},${" ".repeat(shift)}${numbers.replaceAll(",", `,${" ".repeat(90)}`)}]`);
      }
    }
  });

  it("refuses what the careful loop refuses, with the same words", () => {
    const row = "[0.125,-2.5e-05,100.0]";
    const good = `[${Array.from({ length: 400 }, () => row).join(",")}]`;
    const change = fc.tuple(
      fc.nat(good.length - 1),
      fc.oneof(fc.constantFrom(...'[],.-+eE0 9\n}"N'), fc.string({ maxLength: 4 })),
      fc.nat(3),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
        let lists = good;
        for (const [at, inserted, dropped] of changes)
          lists = lists.slice(0, at) + inserted + lists.slice(at + dropped);
        expectSame(lists);
      }),
      { numRuns: 500 },
    );
  });

  it("goes on from row to row whatever lies between them, and says how many it finished", () => {
    const row = "0.1, 2.5, -3.25";
    for (const between of ["],[", "], [", "\n    ],\n    [\n        ", "]\t,\r\n[ "]) {
      const reader = new JsonReader(Buffer.from(`{"v":[[${Array.from({ length: 1000 }, () => row).join(between)}]]}`));
      reader.position = FRONT.length + 2;
      const plain = openPlainFloats(reader)!;
      const out = new Float64Array(100);
      expect(plain.read(reader.position, out, 0, 3, 0)).toBe(100);
      expect([plain.rows, plain.inRow]).toEqual([33, 1]);
      expect(reader.bytes.toString("latin1", plain.end, plain.end + 9)).toBe("2.5, -3.2");
      expect(plain.read(plain.end, out, 1, 3, plain.inRow)).toBe(99);
      expect([plain.rows, plain.inRow]).toEqual([33, 1]);
      expect(out.subarray(0, 4)).toEqual(Float64Array.of(0.1, 2.5, -3.25, 0.1));
    }
  });

  it("stops at the end of a row of another length", () => {
    const reader = new JsonReader(Buffer.from(`{"v":[[1.5,2.5],[${"3.5,4.5],[".repeat(1000)}5.5]]}`));
    reader.position = FRONT.length + 2;
    const plain = openPlainFloats(reader)!;
    expect(plain.read(reader.position, new Float32Array(50), 0, 3, 0)).toBe(1);
    expect(plain.read(reader.position, new Float32Array(50), 0, 0, 0)).toBe(1);
    expect(reader.bytes.toString("latin1", plain.end, plain.end + 4)).toBe("2.5]");
    expect(plain.read(plain.end, new Float32Array(50), 0, 2, 2)).toBe(0);
    expect(plain.read(plain.end, new Float32Array(50), 0, 2, 1)).toBe(50);
  });

  it("writes no more than there is room for", () => {
    const reader = new JsonReader(Buffer.from(`{"v":[${"1.5,".repeat(5000)}1]}`));
    reader.position = FRONT.length + 1;
    for (const wide of [false, true]) {
      const out = new (wide ? Float64Array : Float32Array)(40);
      const plain = openPlainFloats(reader)!;
      expect(plain.read(reader.position, out.subarray(0, 30), 10, 0, 0)).toBe(20);
      expect(plain.end).toBe(reader.position + 80);
      expect(Array.from(out)).toEqual(Array.from({ length: 40 }, (_, index) => (index < 10 || index >= 30 ? 0 : 1.5)));
      expect(plain.read(reader.position, out, 40, 0, 0)).toBe(0);
    }
  });

  it("reads the digits of all doubles of common size to the nearest one, by itself", () => {
    const value = fc.oneof(
      { weight: 20, arbitrary: fc.double({ noNaN: true, min: 1e-5, max: 1 }) },
      { weight: 20, arbitrary: fc.double({ noNaN: true, min: -1e4, max: -1e-5 }) },
      // Next to a power of two, where the distance between doubles changes.
      fc
        .tuple(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -20, max: 20 }))
        .map(([power, units]) => 2 ** power * (1 + units * 2 ** -52)),
    );
    let read = 0;
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 20, maxLength: 60 }),
        fc.integer({ min: 16, max: 18 }),
        (values, digits) => {
          const texts = values.map((value) => value.toPrecision(digits));
          const found = readPlain(texts, true);
          read += found.length;
          expect(found).toEqual(texts.slice(0, found.length).map(Number));
        },
      ),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(10_000);
  });

  it("reads the digits of all floats, those of softmax too, by itself", () => {
    const values = Float32Array.from({ length: 500 }, (_, index) => Math.exp(-index / 6) * (index % 2 === 0 ? 1 : -1));
    const texts = Array.from(values, (value) => value.toPrecision(9));
    expect(readPlain(texts, false)).toEqual(Array.from(values));
  });

  it("asks to be called rarely where it reads next to nothing, and often again where it reads much", () => {
    const odd = "NaN,1.5,".repeat(2000);
    const reader = new JsonReader(Buffer.from(`{"v":[${odd}${"1.5,".repeat(2000)}1]}`));
    reader.position = FRONT.length + 1;
    const plain = openPlainFloats(reader)!;
    const out = new Float32Array(1000);
    const pauses = Array.from({ length: 5 }, () => {
      plain.read(reader.position, out, 0, 0, 0);
      return plain.from - plain.end;
    });
    expect(pauses).toEqual([257, 513, 1025, 2049, 4097]);
    expect(plain.read(reader.position + odd.length, out, 0, 0, 0)).toBe(1000);
    expect(plain.from).toBe(plain.end + 1);
  });

  it("reads two replies in turn, each from its own bytes", () => {
    const readers = ["1.5,", "2.5,"].map((text) => {
      const reader = new JsonReader(Buffer.from(`{"v":[${text.repeat(2000)}1]}`));
      reader.position = FRONT.length + 1;
      return { plain: openPlainFloats(reader)!, at: reader.position };
    });
    for (let turn = 0; turn < 6; turn++) {
      const one = readers[turn % 2]!;
      const out = new Float32Array(100);
      expect(one.plain.read(one.at, out, 0, 0, 0)).toBe(100);
      expect(new Set(out)).toEqual(new Set([turn % 2 === 0 ? 1.5 : 2.5]));
      one.at = one.plain.end;
    }
  });
});
