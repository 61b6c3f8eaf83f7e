import { oneLine as inOneLine } from "../internal/one-line.ts";

const MAX_LENGTH = 300;

/** Text of the remote end as it may stand in a report: one line, nothing that steers a terminal, at most 300 characters. */
export function oneLine(text: string): string {
  return inOneLine(text, MAX_LENGTH);
}
