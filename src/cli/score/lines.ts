/** More than this without a line's end is no file of rows. */
const LONGEST = 2 ** 26;

/**
 * The lines of a text that comes in pieces, without their ends: as many at a time as a piece completes. A last line
 * without an end counts, an empty one does not.
 */
export async function* readLines(pieces: AsyncIterable<string>): AsyncGenerator<string[], void, undefined> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    if (rest.length > LONGEST) throw new TypeError(`a line of the input is longer than ${LONGEST} characters`);
    if (lines.length > 0) yield lines.map(withoutReturn);
  }
  if (rest !== "") yield [withoutReturn(rest)];
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
