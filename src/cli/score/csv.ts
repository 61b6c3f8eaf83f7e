/**
 * Puts lines of comma-separated values together into records: a field in quotes may hold commas, line ends and quotes
 * written twice. Empty lines are passed over.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export class CsvReader {
  #open: string | undefined;

  /** The record that this line completes; undefined while one goes on. */
  read(line: string): string | undefined {
    const record = this.#open === undefined ? line : `${this.#open}\n${line}`;
    // Quotes come in pairs: an odd one is still open, and the line's end belongs to its field.
    const isWhole = countQuotes(record) % 2 === 0;
    this.#open = isWhole ? undefined : record;
    return isWhole && record !== "" ? record : undefined;
  }

  /** Whether the last record ends inside quotes. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }
}

/** The fields of a record. */
export function toFields(record: string): string[] {
  if (!record.includes('"')) return record.split(",");
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"([^,]*)|([^,]*))(,|$)/g;
  for (;;) {
    const [, quoted, behind = "", plain = "", end] = field.exec(record)!;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"') + behind);
    if (end === "") return fields;
  }
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count++;
  return count;
}
