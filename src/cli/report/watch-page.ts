import { isLeaking, type WatchSample } from "../live/watch-sample.ts";
import { growthOf } from "../live/watch-view.ts";
import { formatBytes, formatCount, formatDuration, formatMs, formatShare } from "../quantities.ts";
import type { Chart, Series } from "./chart.ts";
import { limitNote, limitSeries } from "./limit.ts";
import type { ReportContext } from "./report-file.ts";
import { type Facts, reportPage, type Tone } from "./report-page.ts";
import { thinned } from "./thinned.ts";

/** The HTML report of a watch: how it went, and how it stood at the end. */
export function watchPage(all: readonly WatchSample[], context: ReportContext): string {
  const samples = thinned(all.length).flatMap((index) => all[index] ?? []);
  const last = samples.at(-1);
  const { verdict, tone, reasons } = verdictOf(last);
  return reportPage({
    title: `Watch of ${last?.model ?? "a model"}`,
    made: [last?.endpoint, context.date.toISOString(), context.madeBy].filter(Boolean).join(", "),
    tone,
    verdict,
    reasons,
    figures: last === undefined ? [] : figuresOf(all, last),
    charts: [memoryChart(samples), latencyChart(samples), rateChart(samples)],
    sections: [
      { title: "Versions at the last look", facts: versionsOf(last) },
      ...problemsOf(all),
      { title: "Options", facts: context.options.length > 0 ? context.options : [["none", "all as by default"]] },
    ],
  });
}

interface Verdict {
  readonly verdict: string;
  readonly tone: Tone;
  readonly reasons: string;
}

const VERDICTS = {
  leak: ["Leak", "bad"],
  suspected: ["Suspected of a leak", "careful"],
  stable: ["Stable", "good"],
  inconclusive: ["Inconclusive", "careful"],
} as const;

function verdictOf(last: WatchSample | undefined): Verdict {
  if (last === undefined)
    return { verdict: "Nothing seen", tone: "careful", reasons: "It ended before its first look." };
  if (last.versions === undefined) {
    return { verdict: "Not reachable", tone: "bad", reasons: last.statusError ?? "The server told no status." };
  }
  const { memory, probe } = last;
  if (memory !== undefined && isLeaking(last)) {
    const [verdict, tone] = VERDICTS[memory.verdict];
    return { verdict, tone, reasons: memory.output };
  }
  if (probe.last?.status === "fail") return { verdict: "Predictions fail", tone: "bad", reasons: probe.last.output };
  if (!last.versions.some(({ state }) => state === "AVAILABLE")) {
    return { verdict: "Not served", tone: "bad", reasons: "No version is AVAILABLE." };
  }
  if (memory === undefined) {
    return { verdict: "Served", tone: "good", reasons: "A version is AVAILABLE. No source of memory was given." };
  }
  const [verdict, tone] = VERDICTS[memory.verdict];
  return { verdict, tone, reasons: memory.output };
}

function figuresOf(all: readonly WatchSample[], last: WatchSample): Facts {
  const { probe, memory, server } = last;
  const facts: (readonly [string, string])[] = [
    ["watched", `${formatDuration(last.elapsedMs)}, until ${last.time}`],
    ["probes", `${formatCount(probe.sent)} sent, ${formatCount(probe.failed)} failed${PROBE_STATES[probe.state]}`],
  ];
  if (probe.latencyMs !== undefined) {
    const { p50, p90, max } = probe.latencyMs;
    facts.push(["latency", `p50 ${formatMs(p50)}, p90 ${formatMs(p90)}, slowest ${formatMs(max)}`]);
  }
  if (memory?.bytes !== undefined) {
    const first = all.find((sample) => sample.memory?.bytes !== undefined)?.memory?.bytes;
    facts.push(["memory", `${formatBytes(first ?? memory.bytes)} at first, ${formatBytes(memory.bytes)} at last`]);
    const growth = growthOf(memory);
    if (growth !== "") facts.push(["growth", growth]);
    if (memory.limitBytes !== undefined) facts.push(["limit", formatBytes(memory.limitBytes)]);
    facts.push([
      "fast fuse",
      memory.fuse.alarm ? "alarm: memory runs away" : (memory.fuse.disarmed ?? "armed, silent"),
    ]);
    if (memory.restarts > 0) facts.push(["restarts", formatCount(memory.restarts)]);
  }
  if (server?.errorRatio !== undefined) facts.push(["server", `${formatShare(server.errorRatio)} errors at last`]);
  return facts;
}

const PROBE_STATES = { on: "", off: ", switched off", paused: "; paused, not to feed a leak" } as const;

function versionsOf(last: WatchSample | undefined): Facts {
  if (last?.versions === undefined || last.versions.length === 0)
    return [["none", last?.statusError ?? "none were told"]];
  return last.versions.map(({ version, state, error }) => [
    `version ${version}`,
    error === undefined ? state : `${state}: ${error.code}: ${error.message}`,
  ]);
}

const MOST_PROBLEMS = 20;

/** What went wrong on the way, each kind once, with the time when it was first seen. */
function problemsOf(all: readonly WatchSample[]): { title: string; facts: Facts }[] {
  const seen = new Map<string, { readonly time: string; readonly problem: string }>();
  for (const { time, statusError, serverError, probe, memory } of all) {
    const problems = [
      statusError,
      serverError,
      probe.last?.status === "fail" ? probe.last.output : undefined,
      memory !== undefined && memory.bytes === undefined ? memory.output : undefined,
    ];
    for (const problem of problems) {
      // Some tell how long they wait: the same problem, other words.
      const kind = problem?.replace(/\d+(\.\d+)? m?s\b/g, "");
      if (problem !== undefined && kind !== undefined && !seen.has(kind) && seen.size < MOST_PROBLEMS) {
        seen.set(kind, { time, problem });
      }
    }
  }
  if (seen.size === 0) return [];
  return [{ title: "Problems on the way", facts: [...seen.values()].map(({ time, problem }) => [time, problem]) }];
}

const BY_TIME = { xLabel: "time since the beginning", x: "seconds", unit: "after the beginning" } as const;

function secondsOf(samples: readonly WatchSample[]): number[] {
  return samples.map(({ elapsedMs }) => elapsedMs / 1_000);
}

function memoryChart(samples: readonly WatchSample[]): Chart {
  const xs = secondsOf(samples);
  const bytes = samples.map(({ memory }) => memory?.bytes ?? null);
  const last = samples.at(-1)?.memory;
  const end = xs.at(-1) ?? 0;
  const windows = (last?.windows ?? []).map(({ fromSecondsAgo, toSecondsAgo, startBytes, endBytes }) => ({
    from: end - fromSecondsAgo,
    to: end - toSecondsAgo,
    startBytes,
    endBytes,
  }));
  const fitted = xs.map((x) => {
    const window = windows.find(({ from, to }) => x >= from && x <= to);
    if (window === undefined) return null;
    const share = window.to === window.from ? 0 : (x - window.from) / (window.to - window.from);
    return window.startBytes + share * (window.endBytes - window.startBytes);
  });
  return {
    id: "memory",
    title: "Memory",
    text: limitNote(bytes, last?.limitBytes),
    ...BY_TIME,
    y: "bytes",
    xs: bytes.some((value) => value !== null) ? xs : [],
    series: [
      { label: "memory", values: bytes, color: 1 },
      ...(windows.length > 0 ? [{ label: "fitted line", values: fitted, color: 2, dashed: true } as const] : []),
      ...limitSeries(bytes, last?.limitBytes),
    ],
    bands: windows.map(({ from, to }) => ({ from, to })),
    bandLabel: windows.length > 1 ? "the two windows that were judged at last" : "what was judged at last",
  };
}

function latencyChart(samples: readonly WatchSample[]): Chart {
  const line = (label: string, color: Series["color"], at: (sample: WatchSample) => number | undefined): Series => ({
    label,
    color,
    values: samples.map((sample) => at(sample) ?? null),
  });
  const ofProbes = [
    line("probes, slowest", 2, ({ probe }) => probe.latencyMs?.max),
    line("probes, p90", 3, ({ probe }) => probe.latencyMs?.p90),
    line("probes, p50", 1, ({ probe }) => probe.latencyMs?.p50),
  ];
  const ofServer = [
    { ...line("server, p99", 4, ({ server }) => server?.latency?.p99Ms), dashed: true },
    { ...line("server, p50", 1, ({ server }) => server?.latency?.p50Ms), dashed: true },
  ];
  const hasServer = ofServer.some(({ values }) => values.some((value) => value !== null));
  const series = [...ofProbes, ...ofServer].filter(({ values }) => values.some((value) => value !== null));
  return {
    id: "latency",
    title: "Latency",
    text: `Of this watch's own probes, the last 100 each time${hasServer ? "; and of all requests, by the server's page" : ""}.`,
    ...BY_TIME,
    y: "ms",
    xs: series.length > 0 ? secondsOf(samples) : [],
    series,
    bands: [],
  };
}

function rateChart(samples: readonly WatchSample[]): Chart {
  const rates = samples.map(({ server }) => server?.requestsPerSecond ?? null);
  const errors = samples.map(({ server }) =>
    server?.requestsPerSecond === undefined || server.errorRatio === undefined
      ? null
      : server.requestsPerSecond * server.errorRatio,
  );
  return {
    id: "rate",
    title: "Request rate",
    text: "Requests a second by the server's own page. Over REST it counts the status requests of this watch too.",
    ...BY_TIME,
    y: "rate",
    xs: rates.some((rate) => rate !== null) ? secondsOf(samples) : [],
    series: [
      { label: "requests", values: rates, color: 1 },
      { label: "of these, errors", values: errors, color: 4 },
    ],
    bands: [],
  };
}
