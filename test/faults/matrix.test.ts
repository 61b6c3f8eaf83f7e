import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PENDING } from "./pending.ts";
import { ROWS, type RowWires } from "./rows.ts";

const FOLDER = new URL("matrix/", import.meta.url);

/** What the tests of the matrix name: row and wire, as they are written. */
const tested = new Set(
  readdirSync(FOLDER).flatMap((name) => {
    const text = readFileSync(new URL(name, FOLDER), "utf8");
    const direct = [...text.matchAll(/\brow\(\s*(\d+),\s*"(grpc|rest|both)"/g)];
    return direct.flatMap(([, number, wires]) => keysOf(Number(number), wires as RowWires));
  }),
);

function keysOf(number: number, wires: RowWires): string[] {
  return wires === "both" ? [`${number} grpc`, `${number} rest`] : [`${number} ${wires}`];
}

const pending = Object.keys(PENDING).map(Number);
const rows = Object.entries(ROWS).map(([number, [, wires]]) => [Number(number), wires] as const);

describe("the fault matrix", () => {
  it("has 70 rows", () => {
    expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 70 }, (_, index) => index + 1));
  });

  it(`has tests for ${rows.length - pending.length} rows, on every wire they name; ${pending.length} wait`, () => {
    const missing = rows
      .filter(([number]) => !pending.includes(number))
      .flatMap(([number, wires]) => keysOf(number, wires))
      .filter((key) => !tested.has(key));
    expect(missing).toEqual([]);
  });

  it("has no row that waits and is tested all the same", () => {
    const both = rows.filter(
      ([number, wires]) => pending.includes(number) && keysOf(number, wires).every((key) => tested.has(key)),
    );
    expect(both).toEqual([]);
  });

  it("stands in docs/reliability.md, row by row, and what waits is said there to wait", () => {
    const text = readFileSync(new URL("../../docs/reliability.md", import.meta.url), "utf8");
    const told = [...text.matchAll(/^\| +(\d+) \| (.*?) +\| (both|gRPC|REST) +\| (.*?) +\|$/gm)].map(
      ([, number, fault, on = "", outcome = ""]) =>
        [Number(number), fault, on.toLowerCase(), outcome.startsWith("not yet")] as const,
    );
    const wanted = rows.map(([number, wires]) => [number, ROWS[number]?.[0], wires, pending.includes(number)] as const);
    expect(told).toEqual(wanted);
  });
});
