import { createHash } from "node:crypto";
import { PROGRAM, STYLE } from "#generated/report/page.ts";
import type { Style } from "../terminal.ts";
import { type Chart, chartMarkup } from "./chart.ts";
import { html, jsonMarkup, type Markup, rawMarkup } from "./markup.ts";

/** How a verdict looks: the same words that a terminal has colours for. */
export type Tone = Extract<Style, "good" | "careful" | "bad">;

/** Rows of a name and what there is to say. */
export type Facts = readonly (readonly [name: string, text: string])[];

/** What a report says, in the order in which it says it. */
export interface ReportPage {
  readonly title: string;
  /** When and by what it was made. */
  readonly made: string;
  readonly tone: Tone;
  /** One word, and the reasons in a sentence. */
  readonly verdict: string;
  readonly reasons: string;
  readonly figures: Facts;
  readonly charts: readonly Chart[];
  /** What stands behind the charts, each below a title of its own. */
  readonly sections: readonly { readonly title: string; readonly facts: Facts }[];
}

/**
 * A whole document that needs nothing else: no file beside it, no network. Its policy allows the one style sheet and the
 * one program in it, by their hashes, and nothing more; so a text that was not escaped would still do nothing.
 */
export function reportPage({ title, made, tone, verdict, reasons, figures, charts, sections }: ReportPage): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(PROGRAM)}'`,
    `style-src '${hashOf(STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const drawn = charts.filter(({ xs }) => xs.length > 1);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}: ${verdict}</title>
<style>${rawMarkup(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="quiet">${made}</p>
<div class="verdict ${tone}" role="status">
<strong>${verdict}</strong>
<p>${reasons}</p>
</div>
${factsMarkup(figures)}
<noscript><p class="quiet">The charts need JavaScript, which is switched off.</p></noscript>
${drawn.map(chartMarkup)}
${sections.map(({ title: name, facts }) => html`<section>\n<h2>${name}</h2>\n${factsMarkup(facts)}\n</section>`)}
<footer class="quiet">
<p>This page is whole: it loads nothing and sends nothing. Charts by uPlot, MIT licence, whose text is in the page.</p>
</footer>
</main>
<script type="application/json" id="charts">${jsonMarkup({ charts: drawn })}</script>
<script>${rawMarkup(PROGRAM)}</script>
</body>
</html>
`.toString();
}

function factsMarkup(facts: Facts): Markup {
  const rows = facts.map(([name, text]) => html`<tr><th scope="row">${name}</th><td>${text}</td></tr>`);
  return html`<table>\n<tbody>\n${rows}\n</tbody>\n</table>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
