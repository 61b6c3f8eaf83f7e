/** One sample of a page. */
export interface PrometheusSample {
  readonly name: string;
  /** By label name; no prototype. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Where the page says when it was measured, in milliseconds since 1970. */
  readonly timeMs: number | undefined;
}

/** Shared: an object of its own for each sample would take most of the memory of a page without labels. */
const NO_LABELS: Record<string, string> = Object.freeze(Object.create(null));

/** More labels than this no exporter has. */
const MAX_LABELS = 64;

/**
 * Reads one line that holds a sample: `name{label="value"} 1.5 1700000000000`. Undefined for what is none.
 *
 * Looks at each character once: the text is a stranger's, and some expressions take very long over some texts.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
 */
export function parsePrometheusLine(line: string): PrometheusSample | undefined {
  const nameEnd = endOfName(line);
  if (nameEnd === 0) return undefined;
  let labels = NO_LABELS;
  let at = skipBlanks(line, nameEnd);
  if (line[at] === "{") {
    at = skipBlanks(line, at + 1);
    if (line[at] === "}") at++;
    else {
      labels = Object.create(null) as Record<string, string>;
      at = readLabels(line, at, labels);
      if (at < 0) return undefined;
    }
  } else if (at === nameEnd) return undefined;
  at = skipBlanks(line, at);
  const valueEnd = endOfWord(line, at);
  const value = readValue(line.slice(at, valueEnd));
  if (value === undefined) return undefined;
  at = skipBlanks(line, valueEnd);
  // What begins with a # is an exemplar, and no number.
  const timeMs = readValue(line.slice(at, endOfWord(line, at)));
  return { name: line.slice(0, nameEnd), labels, value, timeMs };
}

/** Where the name ends that a line begins with; 0 where there is none. */
export function endOfName(line: string): number {
  let end = 0;
  while (end < line.length && isNameCharacter(line.charCodeAt(end))) end++;
  return end;
}

/** Letters, digits, `_` and `:`: TensorFlow Serving's names begin with a colon. `.`, `-` and `/` are taken as well. */
function isNameCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x2d && code <= 0x3a) || code === 0x5f
  );
}

/** Fills `labels`; says where the line goes on after the brace, or -1 where it is broken. */
function readLabels(line: string, start: number, labels: Record<string, string>): number {
  let at = start;
  for (let count = 0; count <= MAX_LABELS; count++) {
    if (line[at] === "}") return at + 1;
    let end = at;
    while (end < line.length && isNameCharacter(line.charCodeAt(end))) end++;
    const name = line.slice(at, end);
    at = skipBlanks(line, end);
    if (name === "" || line[at] !== "=") return -1;
    at = skipBlanks(line, at + 1);
    if (line[at] !== '"') return -1;
    const quoted = readQuoted(line, at + 1);
    if (quoted === undefined) return -1;
    labels[name] = quoted.text;
    at = skipBlanks(line, quoted.end);
    if (line[at] === ",") at = skipBlanks(line, at + 1);
    else if (line[at] !== "}") return -1;
  }
  return -1;
}

function readQuoted(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let text = "";
  let from = start;
  for (let at = start; at < line.length; at++) {
    const character = line[at];
    if (character === '"') return { text: text + line.slice(from, at), end: at + 1 };
    if (character !== "\\") continue;
    const escaped = line[at + 1];
    text +=
      line.slice(from, at) +
      (escaped === "n" ? "\n" : escaped === '"' || escaped === "\\" ? escaped : `\\${escaped ?? ""}`);
    at++;
    from = at + 1;
  }
  return undefined;
}

function readValue(text: string): number | undefined {
  switch (text) {
    case "NaN":
      return Number.NaN;
    case "+Inf":
    case "Inf":
      return Number.POSITIVE_INFINITY;
    case "-Inf":
      return Number.NEGATIVE_INFINITY;
  }
  if (text === "" || text.length > 64) return undefined;
  for (let i = 0; i < text.length; i++) {
    if (!"0123456789+-.eE".includes(text[i]!)) return undefined;
  }
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

function endOfWord(line: string, start: number): number {
  let at = start;
  while (at < line.length && line[at] !== " " && line[at] !== "\t") at++;
  return at;
}

function skipBlanks(line: string, at: number): number {
  while (line[at] === " " || line[at] === "\t") at++;
  return at;
}
