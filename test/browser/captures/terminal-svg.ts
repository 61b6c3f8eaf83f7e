/** One character on a screen, and how it looks. */
interface Cell {
  readonly text: string;
  readonly style: string;
}

/** As much of a terminal as the command line uses: lines, erasing, the second screen, four colours. */
export class Screen {
  readonly #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #style = "";

  write(text: string): this {
    for (const [token] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|[\s\S]/gu)) this.#take(token);
    return this;
  }

  #take(token: string): void {
    const [, values = "", action = ""] = /^\u001b\[([?\d;]*)([A-Za-z])$/.exec(token) ?? [];
    if (action === "m") this.#style = styleAfter(this.#style, values);
    else if (action === "H") [this.#row, this.#column] = [0, 0];
    else if (action === "J") this.#rows.length = Math.min(this.#rows.length, this.#row + 1);
    else if (action === "K") this.#line().length = Math.min(this.#line().length, this.#column);
    else if (action !== "") return;
    else if (token === "\r") this.#column = 0;
    else if (token === "\n") [this.#row, this.#column] = [this.#row + 1, 0];
    else {
      const line = this.#line();
      while (line.length < this.#column) line.push({ text: " ", style: "" });
      line[this.#column++] = { text: token, style: this.#style };
    }
  }

  #line(): Cell[] {
    while (this.#rows.length <= this.#row) this.#rows.push([]);
    return this.#rows[this.#row] as Cell[];
  }

  /** The screen as a picture, `columns` wide. */
  toSvg(title: string, columns: number): string {
    const rows = this.#rows.slice(0, 1 + this.#rows.findLastIndex((row) => row.length > 0));
    const [width, height] = [columns * CELL + 2 * MARGIN, rows.length * LINE + 2 * MARGIN];
    const texts = rows.flatMap((row, index) => runsOf(row).map((run) => toText(run, MARGIN + (index + 0.75) * LINE)));
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeText(title)}">
<style>
rect { fill: #12161c }
text { fill: #e6e9ee; font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre }
.bold { font-weight: bold } .dim { fill: #a3adb8 } .red { fill: #ff8a80 } .green { fill: #6fd08c } .yellow { fill: #f5b942 }
</style>
<rect width="${width}" height="${height}" rx="8"/>
${texts.join("\n")}
</svg>
`;
  }
}

const CELL = 8.5;
const LINE = 20;
const MARGIN = 16;
const NAMES: Readonly<Record<string, string>> = { 1: "bold", 2: "dim", 31: "red", 32: "green", 33: "yellow" };

function styleAfter(style: string, values: string): string {
  return values
    .split(";")
    .reduce((now, value) => NAMES[value] ?? (["", "0", "22", "39"].includes(value) ? "" : now), style);
}

interface Run extends Cell {
  readonly column: number;
}

function runsOf(row: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  for (const [column, { text, style }] of row.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && last.style === style) runs[runs.length - 1] = { ...last, text: last.text + text };
    else runs.push({ text, style, column });
  }
  return runs.filter(({ text }) => text.trim() !== "");
}

/** As wide as its cells, whatever font there is. */
function toText({ text, style, column }: Run, y: number): string {
  const kind = style === "" ? "" : ` class="${style}"`;
  const length = [...text].length * CELL;
  return `<text x="${MARGIN + column * CELL}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${kind}>${escapeText(text)}</text>`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
