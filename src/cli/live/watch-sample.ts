import type { HealthStatus, LeakGuardReport, ServerFigures } from "../../health.ts";
import type { ModelVersionStatus } from "../../index.ts";

/** The predictions that a watch sends by itself. */
export interface ProbeState {
  /** `paused`: memory is suspected of a leak, which predictions would feed; `off`: none are wanted. */
  readonly state: "on" | "paused" | "off";
  readonly sent: number;
  readonly failed: number;
  /** The last one that has come to its end. */
  readonly last?: {
    readonly status: HealthStatus;
    readonly output: string;
    readonly latencyMs?: number;
    readonly secondsAgo: number;
  };
  /** In so many seconds the next one is sent. */
  readonly secondsToNext?: number;
  /** Of those that succeeded, the last 100 at most. */
  readonly latencyMs?: { readonly p50: number; readonly p90: number; readonly max: number; readonly count: number };
}

/** What one look found. As JSON it is one line of `tfserving watch --json`. */
export interface WatchSample {
  /** ISO 8601. */
  readonly time: string;
  /** Since the watch began. */
  readonly elapsedMs: number;
  readonly model: string;
  readonly endpoint: string;
  /** The state of each version, highest first; not there when the server did not tell. */
  readonly versions?: readonly ModelVersionStatus[];
  /** Why it did not. */
  readonly statusError?: string;
  readonly probe: ProbeState;
  /** Not there when no source of memory was given. */
  readonly memory?: LeakGuardReport;
  /** The server's own figures between the last two looks at its page. */
  readonly server?: ServerFigures;
  readonly serverError?: string;
}

/** Whether memory looks so that no more should be asked of the server. */
export function isLeaking({ memory }: Pick<WatchSample, "memory">): boolean {
  return memory !== undefined && (memory.fuse.alarm || memory.verdict === "leak" || memory.verdict === "suspected");
}
