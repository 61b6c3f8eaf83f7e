const LONGEST = 120;
/** Names as they mostly are, in which nothing has to be escaped: they are quoted with each call, for messages that never come. */
const PLAIN = /^[\w .:/-]{0,120}$/;
/** What drives a terminal, forges a line or turns the direction of writing. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A name in double quotes, as messages show it: at most 120 characters of it, control characters escaped. Names come
 * from the remote end too, and an error's text ends up in terminals.
 */
export function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return quoteWhole(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

/** {@link quote} of any length, where two texts must stay two. */
export function quoteWhole(text: string): string {
  return withoutControls(JSON.stringify(text));
}

/** A text as it is, its control characters escaped. */
export function withoutControls(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
