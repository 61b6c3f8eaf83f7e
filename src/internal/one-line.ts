/** Text of the remote end as it may stand in a message: one line, nothing that steers a terminal, cut where it is longer. */
export function oneLine(text: string, maxLength: number): string {
  const flat = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
  return flat.length > maxLength ? `${flat.slice(0, maxLength - 1)}…` : flat;
}
