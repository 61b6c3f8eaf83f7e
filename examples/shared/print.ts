/** How the examples print: headings, columns, and lines of at most 80 characters. */
import type { Signature } from "tfserving";

const WIDTH = 80;

export function section(title: string): void {
  console.log(`\n${title}`);
}

/** Indented, broken between words; further lines stand a little deeper. */
export function text(words: string): void {
  for (const line of broken(words, "  ", "    ")) console.log(line);
}

/** Columns as wide as their longest cell; the last one goes on under itself where it is too long. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const start = `  ${row
      .slice(0, -1)
      .map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}  `)
      .join("")}`;
    for (const line of broken(row.at(-1) ?? "", start, " ".repeat(start.length))) console.log(line);
  }
}

function broken(words: string, start: string, further: string): string[] {
  const lines = [start];
  for (const word of words.split(" ")) {
    const line = lines.at(-1) as string;
    const isFresh = line === start || line === further;
    if (!isFresh && line.length + 1 + word.length > WIDTH) lines.push(further + word);
    else lines[lines.length - 1] = isFresh ? line + word : `${line} ${word}`;
  }
  return lines;
}

/** `x float32 [-1] -> y float32 [-1]` */
export function signatureText(signature: Signature): string {
  const side = (specs: Signature["inputs"]) =>
    Object.entries(specs)
      .map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape === null ? "[?]" : `[${shape.join(", ")}]`}`)
      .join(", ");
  return `${side(signature.inputs)} -> ${side(signature.outputs)}`;
}
