import type { SoakReport, SoakSample } from "../../health.ts";
import { quantile } from "../quantile.ts";
import { formatBytes, formatCount } from "../quantities.ts";
import { adviceOf, figuresOf } from "../soak/print-soak.ts";
import type { Chart } from "./chart.ts";
import { limitNote, limitSeries } from "./limit.ts";
import type { ReportContext } from "./report-file.ts";
import { type Facts, reportPage, type Tone } from "./report-page.ts";
import { thinned } from "./thinned.ts";

/** What a soak's own report does not tell. */
export interface SoakContext extends ReportContext {
  readonly endpoint: string;
  /** The name of the source of memory. */
  readonly memory: string;
}

const TONES: Readonly<Record<SoakReport["verdict"], Tone>> = {
  leak: "bad",
  suspected: "careful",
  stable: "good",
  inconclusive: "careful",
};
const VERDICTS: Readonly<Record<SoakReport["verdict"], string>> = {
  leak: "Leak",
  suspected: "Suspected of a leak",
  stable: "Stable",
  inconclusive: "Inconclusive",
};

/** The HTML report of a soak. */
export function soakPage(report: SoakReport, context: SoakContext): string {
  const shown = thinned(report.samples.length);
  return reportPage({
    title: `Soak of ${report.model}`,
    made: `${context.endpoint}, ${context.date.toISOString()}, ${context.madeBy}`,
    tone: TONES[report.verdict],
    verdict: VERDICTS[report.verdict],
    reasons: adviceOf(report),
    figures: [...figuresOf(report), ["memory source", context.memory]],
    charts: [memoryChart(report, shown), latencyChart(report.samples, shown), rateChart(report.samples, shown)],
    sections: [
      { title: "How it was judged", facts: ruleOf(report) },
      { title: "Options", facts: context.options.length > 0 ? context.options : [["none", "all as by default"]] },
    ],
  });
}

const BY_PREDICTION = { xLabel: "predictions", x: "count", unit: "predictions" } as const;

function memoryChart({ samples, windows, limitBytes }: SoakReport, shown: readonly number[]): Chart {
  const at = (index: number) => samples[index]?.predictions ?? 0;
  const fittedAt = (index: number): number | null => {
    const window = windows.find(({ first, last }) => index >= first && index <= last);
    if (window === undefined) return null;
    const { first, last, startBytes, endBytes } = window;
    const share = last === first ? 0 : (at(index) - at(first)) / (at(last) - at(first));
    return startBytes + share * (endBytes - startBytes);
  };
  const bytes = shown.map((index) => samples[index]?.bytes ?? null);
  return {
    id: "memory",
    title: "Memory",
    text: `${limitNote(bytes, limitBytes)}${windows.length > 0 ? " What is not shaded is warm-up and was not judged." : ""}`,
    ...BY_PREDICTION,
    y: "bytes",
    xs: shown.map(at),
    series: [
      { label: "memory", values: bytes, color: 1 },
      ...(windows.length > 0
        ? [{ label: "fitted line", values: shown.map(fittedAt), color: 2, dashed: true } as const]
        : []),
      ...limitSeries(bytes, limitBytes),
    ],
    bands: windows.map(({ first, last }) => ({ from: at(first), to: at(last) })),
    bandLabel: windows.length > 1 ? "the two windows that were judged" : "what was judged",
  };
}

/** Quantiles and rates are taken over so many predictions. */
const LOOK_BACK = 20;

function latencyChart(samples: readonly SoakSample[], shown: readonly number[]): Chart {
  const sent = shown.filter((index) => index > 0);
  const lasts = sent.map((index) =>
    samples
      .slice(Math.max(1, index + 1 - LOOK_BACK), index + 1)
      .flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs])),
  );
  const line = (p: number) => lasts.map((last) => (last.length === 0 ? null : quantile(last, p)));
  return {
    id: "latency",
    title: "Latency",
    text: `As the client sees it: at each prediction, over the last ${LOOK_BACK}.`,
    ...BY_PREDICTION,
    y: "ms",
    xs: sent.map((index) => samples[index]?.predictions ?? 0),
    series: [
      { label: "slowest", values: line(1), color: 2 },
      { label: "p90", values: line(0.9), color: 3 },
      { label: "p50", values: line(0.5), color: 1 },
    ],
    bands: [],
  };
}

function rateChart(samples: readonly SoakSample[], shown: readonly number[]): Chart {
  const sent = shown.filter((index) => index > 0);
  const rates = sent.map((index) => {
    const [start, end] = [samples[Math.max(0, index - LOOK_BACK)], samples[index]];
    const seconds = ((end?.atMs ?? 0) - (start?.atMs ?? 0)) / 1_000;
    return seconds > 0 ? ((end?.predictions ?? 0) - (start?.predictions ?? 0)) / seconds : null;
  });
  return {
    id: "rate",
    title: "Request rate",
    text: `Predictions a second that this soak sent, one after another, over the last ${LOOK_BACK}.`,
    ...BY_PREDICTION,
    y: "rate",
    xs: sent.map((index) => samples[index]?.predictions ?? 0),
    series: [{ label: "predictions", values: rates, color: 1 }],
    bands: [],
  };
}

/** The rule in words, with this soak's own figures. */
function ruleOf({ samples, windows, noiseBytes, suspectedAfter }: SoakReport): Facts {
  const stretch = ({ first, last }: { first: number; last: number }) =>
    `predictions ${samples[first]?.predictions} to ${samples[last]?.predictions}`;
  return [
    ["readings of memory", formatCount(samples.length)],
    ["judged", windows.length === 0 ? "nothing, there were too few readings" : windows.map(stretch).join(", and ")],
    ["noise", noiseBytes === undefined ? "not known" : `${formatBytes(noiseBytes)}, one standard deviation`],
    ["first suspected", suspectedAfter === undefined ? "never" : `after ${suspectedAfter} predictions`],
    [
      "a leak",
      "rises in both windows with 99 % certainty each, by three times the noise and 64 MB at least, goes on in the second as in the first, and gives nothing back in between",
    ],
    ["stable", "does not rise at the end, or by less than 16 MB; 80 readings at least"],
  ];
}
