const LONGEST = 120;

/**
 * A name in double quotes, as messages show it: at most 120 characters of it, control characters escaped. Names come
 * from the remote end too, and an error's text ends up in terminals.
 */
export function quote(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(shown).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
