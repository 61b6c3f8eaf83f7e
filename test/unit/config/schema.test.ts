import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ENUMS, MESSAGES, ROOTS, SCALARS } from "../../../src/config/schema.ts";
import type { WireTable } from "../protos/read-protos.ts";

const wire = JSON.parse(
  readFileSync(new URL("../../fixtures/tfserving-wire.json", import.meta.url), "utf8"),
) as WireTable;

describe("MESSAGES", () => {
  it.each(Object.keys(MESSAGES))("has the fields of %s that the server has, no more and no fewer", (message) => {
    const ours = Object.entries(MESSAGES[message] ?? {}).map(([name, { type, repeated, map, oneof }]) => ({
      name,
      type: map ? { key: "string", value: type } : type,
      repeated: repeated ?? false,
      oneof,
    }));
    const theirs = wire.messages[message]?.fields.map(({ name, type, map, repeated, oneof }) => ({
      name,
      type: map ?? type,
      repeated: repeated ?? false,
      oneof,
    }));
    expect(ours).toEqual(theirs);
  });

  it("has every message that a file can reach", () => {
    const known: readonly string[] = [...SCALARS, ...Object.keys(ENUMS), ...Object.keys(MESSAGES)];
    const types = Object.values(MESSAGES).flatMap((fields) => Object.values(fields).map(({ type }) => type));
    expect([...Object.values(ROOTS), ...types].filter((type) => !known.includes(type))).toEqual([]);
  });
});

describe("ENUMS", () => {
  it.each(Object.keys(ENUMS))("has the values of %s", (name) => {
    expect(ENUMS[name]).toEqual(wire.enums[name]);
  });
});
