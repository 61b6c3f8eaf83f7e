/** The longest text of a peer that an error carries, in characters. */
const MAX_LENGTH = 2048;

/**
 * A text from the other side as errors and terminals may show it: control characters escaped (a newline could forge a
 * log line, an escape sequence drive a terminal), those that turn the direction of writing too, and cut to 2048
 * characters.
 */
export function printable(text: string): string {
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}
