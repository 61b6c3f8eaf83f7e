import { invalid, type ServerError } from "../server-error.ts";

/** The bytes of a document and the place that is read next. */
export interface Cursor {
  readonly bytes: Uint8Array;
  offset: number;
}

/** RapidJSON's own texts. */
export const ERRORS = {
  documentEmpty: "The document is empty.",
  valueInvalid: "Invalid value.",
  missingName: "Missing a name for object member.",
  missingColon: "Missing a colon after a name of object member.",
  missingCommaOrBrace: "Missing a comma or '}' after an object member.",
  missingCommaOrBracket: "Missing a comma or ']' after an array element.",
  badHex: "Incorrect hex digit after \\u escape in string.",
  badSurrogate: "The surrogate pair in string is invalid.",
  badEscape: "Invalid escape character in string.",
  missingQuote: "Missing a closing quotation mark in string.",
  numberTooBig: "Number too big to be stored in double.",
  missingFraction: "Miss fraction part in number.",
  missingExponent: "Miss exponent in number.",
  unspecific: "Unspecific syntax error.",
} as const;

export function syntaxError(text: string, offset: number): ServerError {
  return invalid(`JSON Parse error: ${text} at offset: ${offset}`);
}

/** The next byte; 0 at the end, and for a zero byte, which the parser takes for the end. */
export function peek(cursor: Cursor): number {
  return cursor.bytes[cursor.offset] ?? 0;
}
