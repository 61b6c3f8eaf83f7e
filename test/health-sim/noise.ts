import { seededRandom } from "../../src/internal/seeded-random.ts";

/** Normal numbers around 0 with standard deviation 1, the same for the same seed (Box and Muller). */
export function normal(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** What one seeded series is made from: a number in [0, 1) to place things, and noise that remembers `rho` of itself. */
export function source(seed: number, rho = 0): { readonly random: () => number; readonly noise: () => number } {
  const random = seededRandom(seed * 7_919 + 17);
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 5; i++) random();
  const fresh = normal(random);
  let last = fresh();
  return {
    random,
    noise: () => {
      last = rho * last + Math.sqrt(1 - rho * rho) * fresh();
      return last;
    },
  };
}
