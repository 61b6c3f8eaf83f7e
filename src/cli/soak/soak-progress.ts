import type { SoakProgress } from "../../health.ts";
import { formatBytes, formatDuration, formatGrowth } from "../quantities.ts";
import type { Style, Terminal } from "../terminal.ts";

/** How far a soak is to go: so many predictions, so much time, or what comes first. */
export interface SoakGoal {
  readonly predictions: number | undefined;
  readonly durationMs: number | undefined;
}

const BAR = 20;
const EVERY_MS = 100;

/** One line: `[=====>    ]  45 of 100 predictions  8.42 GB (+420 MB)  2 failed`. */
export function formatSoakProgress(progress: SoakProgress, goal: SoakGoal, elapsedMs: number): string {
  const { predictions, failures, bytes, growthBytes } = progress;
  const share = Math.min(
    1,
    Math.max(
      goal.predictions === undefined ? 0 : predictions / goal.predictions,
      goal.durationMs === undefined ? 0 : elapsedMs / goal.durationMs,
    ),
  );
  const full = Math.floor(share * BAR);
  const bar = `${"=".repeat(full)}${full < BAR ? ">" : ""}`.padEnd(BAR);
  const parts = [
    goal.predictions === undefined ? `${predictions} predictions` : `${predictions} of ${goal.predictions}`,
  ];
  if (goal.durationMs !== undefined) parts.push(`${formatDuration(elapsedMs)} of ${formatDuration(goal.durationMs)}`);
  if (bytes !== undefined) parts.push(`memory ${formatBytes(bytes)} (${formatGrowth(growthBytes ?? 0)})`);
  if (failures > 0) parts.push(`${failures} failed`);
  return `[${bar}] ${parts.join("  ")}`;
}

/** Draws over one line of a terminal, at most ten times a second. Does nothing elsewhere. */
export class SoakProgressLine {
  readonly #terminal: Terminal;
  readonly #goal: SoakGoal;
  readonly #now: () => number;
  readonly #startedAt: number;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #last: SoakProgress | undefined;

  constructor(terminal: Terminal, goal: SoakGoal, now = () => performance.now()) {
    this.#terminal = terminal;
    this.#goal = goal;
    this.#now = now;
    this.#startedAt = now();
  }

  draw(progress: SoakProgress): void {
    this.#last = progress;
    const now = this.#now();
    if (!this.#terminal.isTerminal || now - this.#drawnAt < EVERY_MS) return;
    this.#drawnAt = now;
    this.#write(progress);
  }

  /** Draws once more, and goes on to a new line. */
  end(): void {
    if (!this.#terminal.isTerminal || this.#last === undefined) return;
    this.#write(this.#last);
    this.#terminal.write("\n");
  }

  #write(progress: SoakProgress): void {
    const { paint, columns } = this.#terminal;
    const text = formatSoakProgress(progress, this.#goal, this.#now() - this.#startedAt);
    const style: Style | undefined = progress.verdict === "suspected" ? "careful" : undefined;
    const word = style === undefined ? "" : "  suspected";
    // A line that breaks could not be drawn over.
    const room = Math.max(0, columns - 1 - word.length);
    this.#terminal.write(`\r${text.slice(0, room)}${style === undefined ? "" : paint(style, word)}\u001b[K`);
  }
}
