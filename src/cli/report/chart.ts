import { html, type Markup } from "./markup.ts";

/** One line of a chart. */
export interface Series {
  readonly label: string;
  /** Beside `xs`; null where the line has a gap. */
  readonly values: readonly (number | null)[];
  /** Which of the four colours of the style sheet. */
  readonly color: 1 | 2 | 3 | 4;
  readonly dashed?: boolean;
  readonly dots?: boolean;
}

/** What the program in the page draws. It is given to it as JSON, by `id`. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What stands under the title: what is to be seen, in words. */
  readonly text: string;
  readonly xLabel: string;
  /** How values of the axes are written. */
  readonly x: "count" | "seconds";
  readonly y: "bytes" | "ms" | "rate";
  /** Behind a value of x: `predictions`, `since the start`. */
  readonly unit: string;
  readonly xs: readonly number[];
  readonly series: readonly Series[];
  /** Shaded from left to right edge. */
  readonly bands: readonly { readonly from: number; readonly to: number }[];
  readonly bandLabel?: string | undefined;
}

/** The place of a chart: title, legend, and the box that the program draws in. */
export function chartMarkup({ id, title, text, series, bands, bandLabel }: Chart): Markup {
  const entries = series.map(
    ({ label, color, dashed }) => html`<li>${lineSwatch(color, dashed === true)}${label}<output></output></li>`,
  );
  if (bandLabel !== undefined && bands.length > 0) entries.push(html`<li>${BAND_SWATCH}${bandLabel}</li>`);
  return html`<figure id="${id}">
<h2>${title}</h2>
<figcaption class="quiet">${text}</figcaption>
<ul class="legend">
${entries}
<li class="at quiet"></li>
</ul>
<div class="chart" role="img" aria-label="${title}. ${text}"></div>
</figure>`;
}

const BAND_SWATCH = html`<svg viewBox="0 0 24 12" aria-hidden="true"><rect class="band" width="24" height="12"/></svg>`;

function lineSwatch(color: number, dashed: boolean): Markup {
  const dash = dashed ? html` stroke-dasharray="6 4"` : html``;
  return html`<svg viewBox="0 0 24 12" aria-hidden="true"><line class="color-${color}" x1="1" y1="6" x2="23" y2="6" stroke-width="3"${dash}/></svg>`;
}
