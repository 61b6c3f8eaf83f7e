/**
 * Two different elements by chance, or the same one twice where there is only one.
 *
 * The better of two random hosts is nearly as good as the best of all, and unlike the best of all it is not the same
 * one for every client at the same moment.
 * @see https://www.eecs.harvard.edu/~michaelm/postscripts/handbook2001.pdf
 */
export function twoOf<T>(list: readonly [T, ...T[]], random: () => number): [T, T] {
  if (list.length === 1) return [list[0], list[0]];
  const first = Math.floor(random() * list.length);
  const step = Math.floor(random() * (list.length - 1));
  return [list[first]!, list[step >= first ? step + 1 : step]!];
}
