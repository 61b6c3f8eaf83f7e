/** Memory above its start, by the number of the sample; `n` samples make one window, `sigma` is the noise in bytes. */
export type Shape = (i: number) => number;

export interface Family {
  readonly name: string;
  readonly shape: (setup: { readonly random: () => number; readonly n: number; readonly sigma: number }) => Shape;
}

const warmUp =
  (share: number): Family["shape"] =>
  ({ n, sigma }) =>
  (i) =>
    30 * sigma * (1 - Math.exp(-i / (share * n)));

const leak =
  (sigmas: number): Family["shape"] =>
  ({ n, sigma }) =>
  (i) =>
    (sigmas * sigma * i) / n;

/** Nothing here leaks. */
export const SOUND: readonly Family[] = [
  { name: "white noise", shape: () => () => 0 },
  { name: "warm-up, tau = n/10", shape: warmUp(1 / 10) },
  { name: "warm-up, tau = n/4", shape: warmUp(1 / 4) },
  { name: "warm-up, tau = n/2", shape: warmUp(1 / 2) },
  {
    name: "one arena step of 10 sigma",
    shape: ({ random, n, sigma }) => {
      const at = random() * 2 * n;
      return (i) => (i >= at ? 10 * sigma : 0);
    },
  },
  {
    name: "sawtooth of 10 sigma, period 1.1 to 2 windows",
    shape: ({ random, n, sigma }) => {
      const period = (1.1 + 0.9 * random()) * n;
      const phase = random() * period;
      return (i) => (10 * sigma * ((i + phase) % period)) / period;
    },
  },
];

export const LEAKING: readonly Family[] = [
  { name: "leak of 10 sigma a window", shape: leak(10) },
  { name: "leak of 15 sigma a window", shape: leak(15) },
  {
    name: "leak of 30 sigma under a sawtooth of 10",
    shape: ({ random, n, sigma }) => {
      const phase = (random() * n) / 2;
      return (i) => (30 * sigma * i) / n + (10 * sigma * ((i + phase) % (n / 2))) / (n / 2);
    },
  },
];
