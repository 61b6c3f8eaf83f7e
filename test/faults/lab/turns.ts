/** What is done at once takes this many turns of the event loop at most; a timer of 10 ms takes hundreds. */
export const AT_ONCE_TURNS = 20;

/**
 * How many turns of the event loop pass before a promise settles. Unlike milliseconds these are the same on a machine
 * that is slow or held up. More than are looked at is infinity.
 */
export async function turnsUntilSettled(promise: Promise<unknown>): Promise<number> {
  let settled = false;
  const end = () => {
    settled = true;
  };
  promise.then(end, end);
  for (let turns = 0; turns <= AT_ONCE_TURNS; turns++) {
    // Everything that takes no turn comes before the first of them.
    await new Promise((resolve) => (turns === 0 ? process.nextTick(resolve) : setImmediate(resolve)));
    if (settled) return turns;
  }
  return Number.POSITIVE_INFINITY;
}
