import { Metadata } from "@grpc/grpc-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metadataForCall } from "../../../../src/grpc/channel/call-metadata.ts";

const KEYS = ["a", "B", "authorization", "c-bin"] as const;

/** Something that is done to one of the copies made so far. */
const change = fc.record({
  which: fc.nat(),
  what: fc.constantFrom("clone", "set", "add", "remove", "merge", "options"),
  key: fc.constantFrom(...KEYS),
  value: fc.stringMatching(/^[a-z]{1,3}$/),
});

function apply(metadata: Metadata, { what, key, value }: { what: string; key: string; value: string }): void {
  const fitting = key.endsWith("-bin") ? Buffer.from(value) : value;
  if (what === "set") metadata.set(key, fitting);
  if (what === "add") metadata.add(key, fitting);
  if (what === "remove") metadata.remove(key);
  if (what === "options") metadata.setOptions({ waitForReady: value > "m" });
  if (what === "merge") {
    const other = new Metadata();
    other.add(key, fitting);
    metadata.merge(other);
  }
}

function looks(metadata: Metadata): unknown[] {
  return [
    metadata.getMap(),
    metadata.toHttp2Headers(),
    metadata.toJSON(),
    metadata.getOptions(),
    KEYS.map((key) => metadata.get(key)),
  ];
}

describe("metadataForCall", () => {
  it("is like a copy by grpc-js, and so are its own copies, whatever is done to them", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.array(change, { maxLength: 30 }), (before, changes) => {
        const known = new Metadata();
        for (const each of before) apply(known, each);
        const expected = [known.clone()];
        const actual = [metadataForCall(known)];
        for (const each of changes) {
          const at = each.which % expected.length;
          if (each.what === "clone") {
            expected.push(expected[at]!.clone());
            actual.push(actual[at]!.clone());
          } else {
            apply(expected[at]!, each);
            apply(actual[at]!, each);
          }
        }
        expect(actual.map(looks)).toEqual(expected.map(looks));
      }),
    );
  });

  it("leaves alone what it was made from", () => {
    const known = new Metadata();
    known.set("a", "1");
    const [first, second] = [metadataForCall(known), metadataForCall(known)];
    first.set("a", "2");
    first.add("b", "3");
    second.add("a", "4");
    expect([known, first, second].map((metadata) => metadata.toHttp2Headers())).toEqual([
      { a: "1" },
      { a: "2", b: "3" },
      { a: ["1", "4"] },
    ]);
  });

  it("shares its entries with a copy until one of them is changed", () => {
    const known = new Metadata();
    known.set("a", "1");
    const metadata = metadataForCall(known);
    const copy = metadata.clone();
    const entriesOf = (each: Metadata) => (each as unknown as { internalRepr: object }).internalRepr;
    expect(copy).toBeInstanceOf(Metadata);
    expect(entriesOf(copy)).toBe(entriesOf(metadata));
    copy.set("a", "2");
    expect(entriesOf(copy)).not.toBe(entriesOf(metadata));
    expect(metadata.get("a")).toEqual(["1"]);
  });

  it("is a plain copy where grpc-js keeps its entries elsewhere", () => {
    const other = { clone: () => "copied" } as unknown as Metadata;
    expect(metadataForCall(other)).toBe("copied");
  });
});
