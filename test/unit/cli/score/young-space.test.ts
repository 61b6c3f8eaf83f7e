import { getHeapSpaceStatistics } from "node:v8";
import { describe, expect, it } from "vitest";
import { limitYoungSpace } from "../../../../src/cli/score/young-space.ts";

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")!.space_size;
}

/** Objects that live for some collections: what makes V8 think that there is not enough room. */
function makeYoungObjects(): void {
  const kept: unknown[] = [];
  for (let index = 0; index < 400_000; index++) kept[index % 50_000] = { index, row: [index, index, index] };
}

describe("limitYoungSpace", () => {
  it("ends the growth of the room for young objects where there is enough", () => {
    for (let turn = 0; turn < 200 && youngBytes() < 2 ** 25; turn++) makeYoungObjects();
    limitYoungSpace();
    const enough = Math.max(youngBytes(), 2 ** 25);
    for (let turn = 0; turn < 20; turn++) {
      makeYoungObjects();
      limitYoungSpace();
    }
    expect(youngBytes()).toBeLessThanOrEqual(enough);
  });
});
