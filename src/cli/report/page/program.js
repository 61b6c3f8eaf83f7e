// Runs in the browser of who reads a report: draws the charts that lie in the page as JSON. `npm run generate` puts it,
// together with uPlot, into generated/report/page.ts. All texts of the page are there already, as HTML.
import uPlot from "uplot";

const { charts } = JSON.parse(document.getElementById("charts").textContent);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** @type {Readonly<Record<string, (value: number) => string>>} */
const FORMATS = {
  bytes: (value) => inUnits(value, 1000, ["B", "kB", "MB", "GB", "TB"]),
  ms: (value) => (value < 1000 ? `${short(value)} ms` : `${short(value / 1000)} s`),
  rate: (value) => `${short(value)}/s`,
  count: (value) => value.toLocaleString("en-US"),
  seconds: clock,
};

function inUnits(value, base, units) {
  let unit = 0;
  let rest = Math.abs(value);
  while (rest >= base * 0.9995 && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  return `${value < 0 ? "-" : ""}${short(rest)} ${units[unit]}`;
}

/** Four digits at most, no zeros at the end. */
function short(value) {
  return String(Number(value.toPrecision(4)));
}

function clock(seconds) {
  const pad = (value) => String(Math.floor(value)).padStart(2, "0");
  const start =
    seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${pad((seconds / 60) % 60)}` : `${Math.floor(seconds / 60)}`;
  return `${start}:${pad(seconds % 60)}`;
}

/** Steps of a clock, so that an axis of time has round numbers on it. */
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

/** Shaded stretches behind the lines, from edge to edge. */
function drawBands(plot, bands) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color("band");
  for (const { from, to } of bands) {
    const left = plot.valToPos(from, "x", true);
    ctx.fillRect(left, bbox.top, Math.max(1, plot.valToPos(to, "x", true) - left), bbox.height);
  }
  ctx.restore();
}

function draw(chart, figure) {
  const box = figure.querySelector(".chart");
  const outputs = figure.querySelectorAll(".legend output");
  const size = () => ({ width: box.clientWidth, height: box.clientHeight });
  const format = FORMATS[chart.y];
  const axis = {
    stroke: color("quiet"),
    font: FONT,
    labelFont: FONT,
    labelSize: 20,
    labelGap: 0,
    grid: { stroke: color("grid"), width: 1 },
    ticks: { stroke: color("line"), width: 1, size: 4 },
  };
  const plot = new uPlot(
    {
      ...size(),
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: { range: rangeOf(chart.y) } },
      axes: [
        {
          ...axis,
          label: chart.xLabel,
          size: 30,
          values: (_plot, splits) => splits.map((value) => FORMATS[chart.x](value)),
          incrs:
            chart.x === "seconds"
              ? CLOCK_STEPS
              : [1, 2, 5]
                  .flatMap((digit) => [1, 10, 100, 1e3, 1e4, 1e5].map((power) => digit * power))
                  .sort((a, b) => a - b),
        },
        { ...axis, size: 72, values: (_plot, splits) => splits.map(format) },
      ],
      series: [
        {},
        ...chart.series.map(({ color: number, dashed, dots }) => ({
          stroke: color(`series-${number}`),
          width: 2,
          ...(dashed ? { dash: [8, 5] } : {}),
          points: { show: dots === true, size: 6, fill: color(`series-${number}`) },
          spanGaps: false,
        })),
      ],
      hooks: {
        drawClear: [(plot) => drawBands(plot, chart.bands)],
        setCursor: [
          ({ cursor }) => {
            chart.series.forEach(({ values }, index) => {
              const value = cursor.idx == null ? null : values[cursor.idx];
              outputs[index].textContent = value == null ? "" : format(value);
            });
            const at = figure.querySelector(".at");
            at.textContent = cursor.idx == null ? "" : `at ${FORMATS[chart.x](chart.xs[cursor.idx])} ${chart.unit}`;
          },
        ],
      },
    },
    [chart.xs, ...chart.series.map(({ values }) => values)],
    box,
  );
  const watcher = new ResizeObserver(() => {
    const { width, height } = size();
    if (width > 0 && (width !== plot.width || height !== plot.height)) plot.setSize({ width, height });
  });
  watcher.observe(box);
  return () => {
    watcher.disconnect();
    plot.destroy();
  };
}

/** What a sound process breathes by: seen from nearer, it would look like a leak. */
const LEAST_SPAN_BYTES = 16e6;

/** Memory is looked at closely, or its slope could not be seen; durations and rates begin at 0. */
function rangeOf(y) {
  return (_plot, least, most) => {
    if (least == null || most == null) return [0, 1];
    if (y !== "bytes") return [0, most > 0 ? most * 1.1 : 1];
    const room = Math.max((most - least) * 0.08, (LEAST_SPAN_BYTES - (most - least)) / 2);
    return [Math.max(0, least - room), most + room];
  };
}

let drawn = [];
function drawAll() {
  for (const remove of drawn) remove();
  drawn = charts.map((chart) => draw(chart, document.getElementById(chart.id)));
  document.documentElement.dataset.drawn = String(drawn.length);
}

drawAll();
// Colours are read from the style sheet when a chart is drawn: a dark page is printed on white paper.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
matchMedia("print").addEventListener("change", drawAll);
