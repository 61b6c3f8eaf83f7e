import { describe, expect, it } from "vitest";
import { type Batch, Batcher, type BatcherLimits, type Item } from "../../../src/batching/batcher.ts";
import { FakeClock, turn } from "../policies/fake-clock.ts";

interface Named extends Item {
  readonly name: string;
}

function item(name: string, size = 1, bytes = size): Named {
  return { name, size, bytes };
}

/** A batcher whose batches stay under way until the test ends them. */
function setUp(changes: Partial<BatcherLimits<Named>> = {}) {
  const clock = new FakeClock();
  const sent: { readonly names: string; readonly batch: Batch<Named>; free(): void; end(): void }[] = [];
  let idle = 0;
  const limits: BatcherLimits<Named> = {
    maxSize: 4,
    maxBytes: 1_000,
    timeoutMs: 0,
    maxWaitingSize: 8,
    maxWaitingBytes: 1_000,
    slots: () => 1,
    onIdle: () => idle++,
    ...changes,
  };
  const batcher = new Batcher<Named>(limits, clock, (batch, free) => {
    return new Promise<void>((end) => {
      sent.push({ names: batch.items.map(({ name }) => name).join(""), batch, free, end });
    });
  });
  const add = (names: string) => {
    for (const name of names) batcher.add(item(name));
  };
  return { clock, batcher, sent, add, names: () => sent.map(({ names }) => names), idle: () => idle };
}

describe("Batcher", () => {
  it("lets a lone item out within the promise jobs of the moment, without a timer", async () => {
    const { clock, add, names } = setUp();
    add("a");
    expect(clock.pending).toBe(0);
    await Promise.resolve();
    await new Promise((resolve) => process.nextTick(resolve));
    expect(names()).toEqual(["a"]);
  });

  it("lets out together what came in one go, in its order", async () => {
    const { add, names } = setUp();
    add("abc");
    await turn();
    expect(names()).toEqual(["abc"]);
  });

  it("gathers while its slot is taken, and lets out when that is free", async () => {
    const { add, sent, names } = setUp();
    add("a");
    await turn();
    add("bc");
    await turn();
    expect(names()).toEqual(["a"]);
    sent[0]!.end();
    await turn();
    expect(names()).toEqual(["a", "bc"]);
  });

  it("takes in callers that come back with the answer", async () => {
    const { add, sent, names } = setUp();
    add("a");
    await turn();
    add("b");
    sent[0]!.end();
    // Some promise jobs later, as a caller that awaits its answer through a few functions.
    let later = Promise.resolve();
    for (let step = 0; step < 20; step++) later = later.then(() => {});
    void later.then(() => add("c"));
    await turn();
    expect(names()).toEqual(["a", "bc"]);
  });

  it("lets a full batch out at once, and never a larger one", async () => {
    const { add, names } = setUp({ slots: () => 3 });
    add("abcd");
    expect(names()).toEqual(["abcd"]);
    add("efghi");
    expect(names()).toEqual(["abcd", "efgh"]);
    await turn();
    expect(names()).toEqual(["abcd", "efgh", "i"]);
  });

  it("closes a batch before the item that would overfill it, by size or by bytes", async () => {
    const { batcher, sent, names } = setUp({ maxBytes: 10 });
    batcher.add(item("a", 3, 1));
    batcher.add(item("b", 2, 6));
    batcher.add(item("c", 1, 5));
    for (let round = 0; round < 3; round++) {
      await turn();
      sent.at(-1)?.end();
    }
    expect(names()).toEqual(["a", "b", "c"]);
  });

  it("lets out by itself an item of more bytes than a batch has", async () => {
    const { batcher, names } = setUp({ maxBytes: 10 });
    batcher.add(item("a", 1, 99));
    batcher.add(item("b", 1, 1));
    await turn();
    expect(names()).toEqual(["a"]);
  });

  it("counts the bytes of items together where these are more than their sum", async () => {
    const tally = () => {
      let items = 0;
      let largest = 0;
      return ({ bytes }: Named) => {
        items++;
        largest = Math.max(largest, bytes);
        return items * largest;
      };
    };
    const { batcher, names } = setUp({ maxBytes: 10, tally });
    batcher.add(item("a", 1, 1));
    batcher.add(item("b", 1, 1));
    batcher.add(item("c", 1, 4));
    await turn();
    expect(names()).toEqual(["ab"]);
  });

  it("waits timeoutMs for company, from the first item on, while a slot is free", async () => {
    const { clock, add, names } = setUp({ timeoutMs: 10 });
    add("a");
    await clock.advance(6);
    add("b");
    await clock.advance(3);
    expect(names()).toEqual([]);
    await clock.advance(1);
    expect(names()).toEqual(["ab"]);
    expect(clock.pending).toBe(0);
  });

  it("says how long its items waited", async () => {
    const { clock, add, sent } = setUp({ timeoutMs: 10 });
    add("a");
    await clock.advance(6);
    add("b");
    await clock.advance(4);
    expect(sent[0]?.batch).toMatchObject({ size: 2, longestWaitMs: 10, totalWaitMs: 14 });
  });

  it("has no timer once nothing waits", async () => {
    const { clock, batcher, names, idle } = setUp({ timeoutMs: 10 });
    const leaving = item("a");
    batcher.add(leaving);
    await clock.advance(5);
    expect(clock.pending).toBe(1);
    expect(batcher.remove(leaving)).toBe(true);
    expect(clock.pending).toBe(0);
    await clock.advance(20);
    expect(names()).toEqual([]);
    expect(idle()).toBe(1);
  });

  it("takes nothing out that has left or never came", async () => {
    const { batcher, add } = setUp();
    const gone = item("a");
    batcher.add(gone);
    await turn();
    expect(batcher.remove(gone)).toBe(false);
    expect(batcher.remove(item("b"))).toBe(false);
    add("c");
    expect(batcher.waitingSize).toBe(1);
  });

  it("has room for what its limits say, and for anything while nothing waits", async () => {
    const { batcher, add } = setUp({ maxWaitingBytes: 6 });
    expect(batcher.hasRoomFor(99, 99)).toBe(true);
    add("a");
    await turn();
    expect(batcher.hasRoomFor(99, 99)).toBe(true);
    batcher.add(item("b", 3, 2));
    expect(batcher.hasRoomFor(5, 1)).toBe(true);
    expect(batcher.hasRoomFor(6, 1)).toBe(false);
    expect(batcher.hasRoomFor(1, 5)).toBe(false);
  });

  it("lets a full batch go ahead of its slot, where there are more slots for full ones", async () => {
    const { add, names, sent } = setUp({ slotsForFull: () => 2 });
    add("a");
    await turn();
    add("bcd");
    await turn();
    expect(names()).toEqual(["a"]);
    add("efghij");
    await turn();
    expect(names()).toEqual(["a", "bcde"]);
    for (const { end } of sent) end();
    await turn();
    expect(names()).toEqual(["a", "bcde", "fghi"]);
  });

  it("asks each time how many slots there are", async () => {
    let slots = 1;
    const { add, names, sent } = setUp({ slots: () => slots });
    add("a");
    await turn();
    add("b");
    await turn();
    slots = 3;
    add("c");
    await turn();
    expect(names()).toEqual(["a", "bc"]);
    sent[0]!.end();
    sent[1]!.end();
    await turn();
  });

  it("lets the next full batch out as soon as a slot is given back, before the last is done with", async () => {
    const { add, names, sent, idle } = setUp();
    add("a");
    await turn();
    add("bcdef");
    sent[0]!.free();
    expect(names()).toEqual(["a", "bcde"]);
    sent[1]!.free();
    sent[1]!.end();
    await turn();
    expect(names()).toEqual(["a", "bcde", "f"]);
    sent[2]!.end();
    await turn();
    // The first one gave its slot back, and is not done with.
    expect(idle()).toBe(0);
    sent[0]!.end();
    await turn();
    expect(idle()).toBe(1);
  });

  it("tells when it is idle, and not before its batch has ended", async () => {
    const { add, sent, idle } = setUp();
    add("a");
    await turn();
    expect(idle()).toBe(0);
    sent[0]!.end();
    await turn();
    expect(idle()).toBe(1);
  });
});
