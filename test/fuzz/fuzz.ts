import { generated } from "./generate.ts";
import { judge } from "./judge.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Target } from "./target.ts";

export interface Finding {
  readonly target: string;
  readonly problem: string;
  readonly input: Buffer;
}

/** Inputs that a target remembers beside its seeds. */
const MAX_REMEMBERED = 2_000;

/** An endless row of inputs for one target, each the next step of a walk that the seed decides. */
export class Fuzzer {
  readonly target: Target;
  readonly #random: Random;
  readonly #pool: Buffer[];
  readonly #outcomes = new Set<string>();
  #fresh: Buffer[] = [];

  constructor(target: Target, seed: number) {
    this.target = target;
    this.#random = new Random(seed);
    this.#pool = [...target.seeds];
  }

  /** How many ways the reader was seen to go. */
  get outcomes(): number {
    return this.#outcomes.size;
  }

  next(): Buffer {
    const random = this.#random;
    if (random.below(8) === 0) {
      if (this.#fresh.length === 0) {
        this.#fresh = generated(this.target.dialect, random.below(2 ** 31), 50);
      }
      return this.#fresh.pop() as Buffer;
    }
    return mutate(random.pick(this.#pool), random, this.#pool);
  }

  /** Reads an input. One that makes the reader go a new way is mutated further later on. */
  try(input: Buffer): Finding | undefined {
    const { problem, outcome } = judge(this.target, input);
    if (!this.#outcomes.has(outcome)) {
      this.#outcomes.add(outcome);
      if (this.#pool.length < MAX_REMEMBERED) this.#pool.push(input);
    }
    return problem === undefined ? undefined : { target: this.target.name, problem, input };
  }
}

/** How often a smaller input is looked for. */
const MAX_CUTS = 500;

/** The same failure with fewer bytes: cuts pieces out as long as the problem stays. */
export function shrink({ target, problem, input }: Finding, targets: readonly Target[]): Buffer {
  const reader = targets.find(({ name }) => name === target)!;
  const kind = problem.replace(/\d+/g, "#");
  let smallest = input;
  let cuts = 0;
  for (let piece = smallest.length >> 1; piece > 0; piece >>= 1) {
    for (let at = 0; at + piece <= smallest.length && cuts < MAX_CUTS; cuts++) {
      const cut = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + piece)]);
      if (judge(reader, cut).problem?.replace(/\d+/g, "#") === kind) smallest = cut;
      else at += piece;
    }
  }
  return smallest;
}
