import { type HealthClock, systemHealthClock } from "../../src/health/health-clock.ts";
import { Soak } from "../../src/health/leak/soak.ts";
import { readSoakOptions } from "../../src/health/leak/soak-options.ts";
import type { SoakReport } from "../../src/health/leak/soak-report.ts";
import { FakeServing, floats } from "../unit/health/fake-serving.ts";
import { source } from "./noise.ts";

export interface StoryOptions {
  readonly seed: number;
  readonly predictions: number;
  readonly leakBytes: number;
  /** What warms up with the first predictions, and how many of them it takes. */
  readonly warmUpBytes?: number;
  readonly warmUpPredictions?: number;
  readonly limitBytes?: number;
  readonly fuseBytes?: number;
  readonly clock?: HealthClock;
}

const START_BYTES = 8e9;
/** ± 0.2 % of 8 GB. */
export const SIGMA_BYTES = 16e6;

/** One soak of a model that leaks with every prediction, on 8 GB that move by 0.2 %. */
export async function soakStory(story: StoryOptions): Promise<SoakReport> {
  const { seed, predictions, leakBytes, warmUpBytes = 0, warmUpPredictions = 1, limitBytes = 32e9 } = story;
  const { noise } = source(seed);
  const serving = new FakeServing();
  let sent = 0;
  serving.predict = async () => {
    sent++;
    return { y: floats([2]) };
  };
  const memory = () => ({
    bytes:
      START_BYTES + leakBytes * sent + warmUpBytes * (1 - Math.exp(-sent / warmUpPredictions)) + SIGMA_BYTES * noise(),
    limitBytes,
  });
  const settings = readSoakOptions(serving.client, {
    model: "m",
    predictions,
    memory,
    inputs: { x: [1] },
    fuseBytes: story.fuseBytes,
  });
  return new Soak(serving.client, settings, story.clock ?? systemHealthClock).run();
}
