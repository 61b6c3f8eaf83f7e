import type { Finding } from "./finding.ts";
import { isMet } from "./finding.ts";
import { formatRatio } from "./table.ts";

const WIDTH = 960;
const LABEL_WIDTH = 470;
const PLOT_WIDTH = 400;
const ROW_HEIGHT = 22;
const HEAD_HEIGHT = 58;
const MET = "#2a7f62";
const MISSED = "#c2410c";
const INK = "#1f2933";
const FAINT = "#d5dbe1";

/**
 * The findings that have a goal, as an SVG that needs nothing else: how many times cheaper than each peer above, how
 * many times each limit below, on a logarithmic scale, a tick where the goal lies.
 */
export function toChart(findings: readonly Finding[], caption: string): string {
  const peers = findings.filter(({ goal }) => goal?.kind === "at least");
  const limits = findings.filter(({ goal }) => goal?.kind === "at most");
  const parts: string[] = [];
  let top = 34;
  top = panel(parts, top, "Times cheaper than the peer (longer is better)", peers, [0.5, 1000]);
  top = panel(parts, top + 24, "Times the limit (shorter is better)", limits, [0.1, 10]);
  const height = top + 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`,
    ` font-family="system-ui, sans-serif" font-size="12" fill="${INK}" role="img" aria-label="${escapeXml(caption)}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(16, 22, caption, 'font-size="11" fill="#52606d"'),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function panel(
  parts: string[],
  top: number,
  title: string,
  findings: readonly Finding[],
  [least, most]: readonly [number, number],
): number {
  const bottom = top + HEAD_HEIGHT + findings.length * ROW_HEIGHT;
  const at = (value: number) => {
    const share = Math.log(Math.min(Math.max(value, least), most) / least) / Math.log(most / least);
    return LABEL_WIDTH + share * PLOT_WIDTH;
  };
  parts.push(text(16, top + 20, title, 'font-size="15" font-weight="600"'));
  for (let power = Math.ceil(Math.log10(least)); power <= Math.log10(most); power++) {
    const x = at(10 ** power).toFixed(1);
    parts.push(
      `<line x1="${x}" y1="${top + HEAD_HEIGHT - 12}" x2="${x}" y2="${bottom}" stroke="${FAINT}"/>`,
      text(x, top + HEAD_HEIGHT - 16, `${10 ** power}x`, 'text-anchor="middle" font-size="11" fill="#52606d"'),
    );
  }
  findings.forEach((finding, row) => {
    const y = top + HEAD_HEIGHT + row * ROW_HEIGHT;
    const end = at(finding.ratio);
    const goal = at(finding.goal!.value);
    const colour = isMet(finding) ? MET : MISSED;
    parts.push(
      text(LABEL_WIDTH - 10, y + 13, label(finding), 'text-anchor="end" font-size="11"'),
      `<rect x="${LABEL_WIDTH}" y="${y + 3}" width="${(end - LABEL_WIDTH).toFixed(1)}" height="13" fill="${colour}"/>`,
      `<line x1="${goal.toFixed(1)}" y1="${y}" x2="${goal.toFixed(1)}" y2="${y + 19}" stroke="${INK}" stroke-width="2"/>`,
      text((Math.max(end, goal) + 6).toFixed(1), y + 13, formatRatio(finding), `font-weight="600" fill="${colour}"`),
    );
  });
  return bottom;
}

/** The work and who it is measured against, short enough for one line. */
function label({ work, against }: Finding): string {
  const whole = `${work} / ${against.replace(/^limit: |^floor: |^budget: /, "")}`;
  return whole.length > 84 ? `${whole.slice(0, 83)}…` : whole;
}

function text(x: number | string, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
