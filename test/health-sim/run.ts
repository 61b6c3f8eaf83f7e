/**
 * What the leak checks get right and wrong, over thousands of seeded series.
 *
 *   node test/health-sim/run.ts [seeds]
 */
import { LEAKING, SOUND } from "./families.ts";
import {
  alarmShare,
  judgeFamily,
  judgeSoaks,
  LOAD,
  medianAndP99,
  replayStory,
  type Shares,
  timeFuse,
  warmUp,
} from "./measure.ts";
import { SIGMA_BYTES } from "./story.ts";

const seeds = Number(process.argv[2] ?? 1_000);

console.log(`K1: 50 MB a prediction on 8 GB +- 0.2 %, fuse at 1 GB, ${Math.min(seeds, 100)} seeds`);
const runs = await replayStory(Math.min(seeds, 100));
console.log(`  suspected after ${Math.max(...runs.map((run) => run.suspectedAfter))} predictions at the latest`);
console.log(`  at most ${(Math.max(...runs.map((run) => run.growthBytes)) / 1e9).toFixed(3)} GB grown when it ended`);
console.log(`  confirmed or fused: ${runs.filter((run) => run.ended).length} of ${runs.length}`);

console.log(
  `\nK2: two windows of 60 samples, noise of 16 MB, ${seeds} seeds each; nothing that is sound may be a leak`,
);
for (const rho of [0, 0.5])
  for (const family of SOUND) row(`${family.name}, rho ${rho}`, judgeFamily(family, { seeds, n: 60, rho }));
row("white noise, rho 0.9", judgeFamily(SOUND[0]!, { seeds, n: 60, rho: 0.9 }));
console.log("  and what leaks");
for (const rho of [0, 0.5])
  for (const family of LEAKING) row(`${family.name}, rho ${rho}`, judgeFamily(family, { seeds, n: 60, rho }));

console.log(`\nK2: soaks of N predictions, noise of 16 MB, no fuse, ${seeds} seeds each`);
for (const predictions of [20, 50, 100, 200]) {
  for (const leakBytes of [50e6, 10e6, 5e6, 2e6, 1e6, 0.5e6, 0]) {
    row(`N ${predictions}, ${leakBytes / 1e6} MB each`, await judgeSoaks(seeds, { predictions, leakBytes }));
  }
  const slow = { warmUpBytes: 500e6, warmUpPredictions: 15 };
  row(`N ${predictions}, warm-up of 500 MB`, await judgeSoaks(seeds, { predictions, leakBytes: 0, ...slow }));
}

console.log(`\nK3: the fast fuse, 8 of 32 GB, ${seeds} seeds each`);
for (const sigma of [SIGMA_BYTES, 64e6]) {
  const times = timeFuse(seeds, { rise: (second) => second * 40e6, sigma });
  const { median, p99 } = medianAndP99(times);
  console.log(
    `  40 MB/s, noise ${sigma / 1e6} MB: alarm after ${median} s median, ${p99} s p99, ${percent(alarmShare(times))} caught`,
  );
}
for (const [name, run] of [
  ["flat", { rise: () => 0, sigma: SIGMA_BYTES }],
  ["flat, noise 64 MB", { rise: () => 0, sigma: 64e6 }],
  ["warm-up of 500 MB, tau 5 s", warmUp(500e6, 5)],
  ["warm-up of 500 MB, tau 15 s", warmUp(500e6, 15)],
  ["warm-up of 500 MB, tau 30 s", warmUp(500e6, 30)],
  ["a version loads 6 GB in 40 s", LOAD],
  ["the same, nobody says that it loads", { ...LOAD, loading: () => false }],
  ["warm-up of 2 GB, tau 30 s", warmUp(2e9, 30)],
  ["20 MB/s", { rise: (second: number) => second * 20e6, sigma: SIGMA_BYTES }],
] as const) {
  console.log(`  ${name}: ${percent(alarmShare(timeFuse(seeds, run)))} alarms`);
}

function row(name: string, { leak, suspected, stable, inconclusive }: Shares): void {
  const cells = [
    `leak ${percent(leak)}`,
    `suspected ${percent(suspected)}`,
    `stable ${percent(stable)}`,
    `inconclusive ${percent(inconclusive)}`,
  ];
  console.log(`  ${name.padEnd(56)} ${cells.map((cell) => cell.padEnd(20)).join("")}`.trimEnd());
}

function percent(of: number): string {
  return `${(of * 100).toFixed(1)} %`;
}
