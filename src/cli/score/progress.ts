/** How far scoring has come. */
export interface ScoreProgress {
  /** Rows written, those of an earlier run left out. */
  readonly rows: number;
  readonly failed: number;
  /** Of the input; `total` is undefined for a pipe. */
  readonly bytesRead: number;
  readonly totalBytes: number | undefined;
  /** Those before the first row of this run: it passed over them, and that took no time to speak of. */
  readonly bytesSkipped: number;
  /** Since it has come to that row. */
  readonly elapsedMs: number;
}

const BAR = 20;

/** One line for a terminal: `[=====>    ] 45%  12,345 rows  8,210 rows/s  0:42 left`. */
export function formatProgress(progress: ScoreProgress): string {
  const { rows, failed, bytesRead, totalBytes, bytesSkipped, elapsedMs } = progress;
  const perSecond = elapsedMs === 0 ? 0 : (rows / elapsedMs) * 1_000;
  const parts = [`${group(rows)} rows`, `${group(Math.round(perSecond))} rows/s`];
  if (failed > 0) parts.push(`${group(failed)} failed`);
  if (totalBytes === undefined || totalBytes === 0) return parts.join("  ");
  const share = Math.min(1, bytesRead / totalBytes);
  const full = Math.floor(share * BAR);
  const bar = `${"=".repeat(full)}${full < BAR ? ">" : ""}`.padEnd(BAR);
  const bytesOwn = bytesRead - bytesSkipped;
  if (bytesOwn > 0 && elapsedMs > 0) {
    parts.push(`${clock((elapsedMs / bytesOwn) * Math.max(0, totalBytes - bytesRead))} left`);
  }
  return `[${bar}] ${Math.floor(share * 100)}%  ${parts.join("  ")}`;
}

/** Draws over one line of a terminal, some times a second. Does nothing elsewhere. */
export class ProgressLine {
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #draw: () => void;

  constructor(terminal: NodeJS.WriteStream | undefined, state: () => ScoreProgress) {
    this.#draw = () => void terminal?.write(`\r${formatProgress(state())}\u001b[K`);
    if (terminal === undefined) return;
    this.#timer = setInterval(this.#draw, 200);
    this.#timer.unref();
  }

  /** Draws once more, and goes on to a new line. */
  end(terminal: NodeJS.WriteStream | undefined): void {
    clearInterval(this.#timer);
    if (terminal === undefined) return;
    this.#draw();
    terminal.write("\n");
  }
}

function group(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const pad = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
