/** How the examples print: headings, columns, and lines of at most 80 characters. */
import type { Signature } from "tfserving";

const WIDTH = 80;

export function section(title: string): void {
  console.log(`\n${title}`);
}

/** Indented, broken between words. */
export function text(words: string): void {
  let line = " ";
  for (const word of words.split(" ")) {
    if (line.length + 1 + word.length > WIDTH && line.trim() !== "") {
      console.log(line);
      line = "   ";
    }
    line += ` ${word}`;
  }
  console.log(line);
}

/** Columns as wide as their longest cell; the last one is cut at the edge of the screen. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const line = `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd();
    console.log(line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line);
  }
}

/** `x float32 [-1] -> y float32 [-1]` */
export function signatureText(signature: Signature): string {
  const side = (specs: Signature["inputs"]) =>
    Object.entries(specs)
      .map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape === null ? "[?]" : `[${shape.join(", ")}]`}`)
      .join(", ");
  return `${side(signature.inputs)} -> ${side(signature.outputs)}`;
}
