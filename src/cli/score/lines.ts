/** More than this without a line's end is no file of rows. */
const LONGEST = 2 ** 26;

/** What some editors and spreadsheets put in front of a text in UTF-8. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * The lines of a text that comes in pieces, without their ends: as many at a time as a piece completes. A last line
 * without an end counts, an empty one does not, and a byte order mark is none of the text.
 */
export async function* readLines(pieces: AsyncIterable<string>): AsyncGenerator<string[], void, undefined> {
  let rest = "";
  let isBegun = false;
  for await (const piece of pieces) {
    if (piece === "") continue;
    const text = isBegun || !piece.startsWith(BYTE_ORDER_MARK) ? piece : piece.slice(1);
    isBegun = true;
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    if (rest.length > LONGEST) throw new TypeError(`a line of the input is longer than ${LONGEST} characters`);
    if (lines.length > 0) yield lines.map(withoutReturn);
  }
  if (rest !== "") yield [withoutReturn(rest)];
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
