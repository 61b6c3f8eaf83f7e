import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const ROUNDS = 5;

/** How many rounds {@link heapGrowth} does, with the one that warms up. */
export const HEAP_ROUNDS = ROUNDS + 1;

/**
 * By how many bytes a round of work makes the heap grow, once a first one has warmed up: the median of five. What leaks
 * does so in each of them; what compiling, caches and collections add or take comes in one or two.
 */
export async function heapGrowth(round: () => Promise<void>): Promise<number> {
  const measure = async () => {
    await round();
    // Two collections: the first lets finalizers run, the second takes what they let go.
    for (let pass = 0; pass < 2; pass++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return process.memoryUsage().heapUsed;
  };
  let before = await measure();
  const grown: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const after = await measure();
    grown.push(after - before);
    before = after;
  }
  return grown.sort((a, b) => a - b)[ROUNDS >> 1]!;
}
