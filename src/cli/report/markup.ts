import { printable } from "../output.ts";

/** A piece of a page. Only {@link html} makes one, so no text of the remote end becomes one unescaped. */
export class Markup {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  toString(): string {
    return this.#source;
  }
}

type Part = Markup | string | number | readonly Markup[];

/** A template of HTML: what is put in is text and escaped, unless it is markup itself. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    literals.map((literal, index) => literal + (index < parts.length ? toSource(parts[index]) : "")).join(""),
  );
}

/** A value as JSON that may stand in a `<script>`: nothing in it can end the element. */
export function jsonMarkup(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll("<", "\\u003c"));
}

/** Trusted text of this package that must stand as it is: a style sheet, a program. */
export function rawMarkup(source: string): Markup {
  return new Markup(source);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function toSource(part: Part | undefined): string {
  if (part instanceof Markup) return part.toString();
  if (typeof part === "object") return part.join("\n");
  return printable(String(part ?? "")).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
