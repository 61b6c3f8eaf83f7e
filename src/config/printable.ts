import { quote } from "../internal/quote.ts";

/** A name as it is where it is plain, else in quotes with what could steer a terminal escaped. */
export function printable(name: string): string {
  return /^[\w./:@%+=~-]{1,200}$/.test(name) ? name : quote(name);
}
