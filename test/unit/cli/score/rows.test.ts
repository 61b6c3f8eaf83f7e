import { describe, expect, it } from "vitest";
import { readLines } from "../../../../src/cli/score/lines.ts";
import { type Format, type NumberedRow, readRows } from "../../../../src/cli/score/rows.ts";
import type { Signature } from "../../../../src/index.ts";

async function* pieces(...texts: readonly string[]) {
  yield* texts;
}

function model(dtypes: Readonly<Record<string, string>>): Signature {
  const inputs = Object.entries(dtypes).map(([name, dtype]) => [name, { dtype, shape: [-1], tensorName: "" }]);
  return { methodName: "", inputs: Object.fromEntries(inputs), outputs: {} };
}

async function rowsOf(format: Format, signature: Signature, ...texts: readonly string[]): Promise<unknown[]> {
  const rows = await numbered(format, signature, texts, () => true);
  expect(rows.map(({ number }) => number)).toEqual([...rows.keys()]);
  return rows.map(({ row }) => ("values" in row ? { ...row.values } : row.problem));
}

async function numbered(
  format: Format,
  signature: Signature,
  texts: readonly string[],
  isWanted: (number: number) => boolean,
): Promise<NumberedRow[]> {
  const rows: NumberedRow[] = [];
  for await (const some of readRows(pieces(...texts), format, signature, isWanted)) rows.push(...some);
  return rows;
}

describe("readLines", () => {
  it("puts together lines that come in pieces, whatever their ends", async () => {
    const lines: string[][] = [];
    for await (const some of readLines(pieces("a\nb", "c\r\n\n", "d"))) lines.push(some);
    expect(lines).toEqual([["a"], ["bc", ""], ["d"]]);
  });
});

describe("readRows", () => {
  it.each<[Format, string]>([
    ["ndjson", "0\n\n1\n2\nno row\n4\n"],
    ["csv", 'x\n0\n\n1\n2\n"no\nrow"\n4\n'],
  ])("counts the rows of %s that are not wanted, and does not look into them", async (format, text) => {
    const asked: number[] = [];
    const rows = await numbered(format, model({ x: "float32" }), [text], (number) => {
      asked.push(number);
      return number === 1 || number === 4;
    });
    expect(asked).toEqual([0, 1, 2, 3, 4]);
    expect(rows.map(({ number, row }) => [number, "values" in row && row.values["x"]].flat())).toEqual([
      [1, 1],
      [4, 4],
    ]);
  });

  it.each<[Format, string]>([
    ["ndjson", "\ufeff1\n"],
    ["csv", '\ufeff"x"\n1\n'],
  ])("passes over a byte order mark before %s", async (format, text) => {
    expect(await rowsOf(format, model({ x: "float32" }), "", text)).toEqual([{ x: 1 }]);
  });
});

describe("readRows of NDJSON", () => {
  it("takes objects by input name, and bare values for the only input", async () => {
    expect(await rowsOf("ndjson", model({ x: "float32" }), '{"x": [1, 2]}\n3\n[4]\n"five"\n')).toEqual([
      { x: [1, 2] },
      { x: 3 },
      { x: [4] },
      { x: "five" },
    ]);
  });

  it("keeps long integers and bytes", async () => {
    expect(await rowsOf("ndjson", model({ x: "int64" }), '9007199254740993\n{"b64":"AAE="}')).toEqual([
      { x: 9007199254740993n },
      { x: Uint8Array.of(0, 1) },
    ]);
  });

  it("passes over empty lines, and says what is wrong with a line that is no row", async () => {
    expect(await rowsOf("ndjson", model({ a: "float32", b: "float32" }), "\n  \nnope\nnull\n1")).toEqual([
      "the line is not JSON",
      "null is no row",
      "a bare value needs a model of one input, this one has 2: name them",
    ]);
  });
});

describe("readRows of CSV", () => {
  it("takes columns as inputs where all are named so, of the dtypes of the signature", async () => {
    const signature = model({ age: "int64", job: "string", ok: "bool", score: "float32" });
    expect(
      await rowsOf("csv", signature, 'job,age,ok,score\nclerk,9007199254740993,true,0.5\n"a, ""b"""', ",-1,0,nan\r\n"),
    ).toEqual([
      { job: "clerk", age: 9007199254740993n, ok: true, score: 0.5 },
      { job: 'a, "b"', age: -1n, ok: false, score: Number.NaN },
    ]);
  });

  it("takes all columns as the row of the only input otherwise", async () => {
    expect(await rowsOf("csv", model({ x: "float32" }), "a,b\n1,2\n3,4\n")).toEqual([{ x: [1, 2] }, { x: [3, 4] }]);
  });

  it("takes a line's end inside quotes as a part of the field", async () => {
    expect(await rowsOf("csv", model({ x: "string" }), 'x\n"two\nlines"\n"open')).toEqual([
      { x: "two\nlines" },
      "the row ends inside quotes",
    ]);
  });

  it("says which column or field does not fit", async () => {
    expect(await rowsOf("csv", model({ x: "float32", n: "int64" }), "x,n\n1\n,2\n1,2.5\nabc,1\n")).toEqual([
      "the row has 1 fields, the header 2",
      'column "x" holds no float32',
      'column "n" holds no int64',
      'column "x" holds no float32',
    ]);
  });

  it("refuses columns that are not the inputs of a model of several", async () => {
    await expect(rowsOf("csv", model({ a: "float32", b: "float32" }), "a,c\n")).rejects.toThrow(
      "the columns of the input (a, c) are not the inputs of the model (a, b), and it does not have just one",
    );
  });
});
