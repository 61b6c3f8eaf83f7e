/**
 * JSON as the server's parser hands it on: numbers as their tokens, strings as bytes, bare NaN and Infinity taken.
 * Written for tests alone, so that a mistake in the client's own reader cannot hide one in its writer.
 */
export type ServerJson =
  | boolean
  | { readonly token: string }
  | Uint8Array
  | readonly ServerJson[]
  | { readonly [key: string]: ServerJson };

const TOKEN = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|NaN|-?Infinity|true|false)(?=[,\]}\s]|$)/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Parses one document. The value of `signature_name` comes as text. @throws SyntaxError when it is none */
export function parseServerJson(body: Uint8Array): ServerJson | { readonly [key: string]: ServerJson | string } {
  // One character a byte: offsets are bytes, and what is not UTF-8 survives.
  const text = Buffer.from(body).toString("latin1");
  let at = 0;

  const fail = (): never => {
    throw new SyntaxError(`not JSON at byte ${at}`);
  };
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return fail();
    at += found[0].length;
    return found[0];
  };
  const expectNext = (character: string): void => {
    if (text[at] !== character) fail();
    at++;
  };
  // Bytes beyond ASCII stand for themselves; escapes are resolved one by one.
  const string = (): Uint8Array =>
    new Uint8Array(
      Buffer.concat(
        take(STRING)
          .slice(1, -1)
          .split(/(\\u[0-9a-fA-F]{4}|\\.)/)
          .map((part) => (part.startsWith("\\") ? Buffer.from(unescaped(part)) : Buffer.from(part, "latin1"))),
      ),
    );
  const unescaped = (escaped: string): string => JSON.parse(`"${escaped}"`) as string;
  const value = (): ServerJson => {
    if (text[at] === "[") {
      at++;
      const list: ServerJson[] = [];
      while (text[at] !== "]") {
        if (list.length > 0) expectNext(",");
        list.push(value());
      }
      at++;
      return list;
    }
    if (text[at] === "{") {
      at++;
      const object: Record<string, ServerJson> = Object.create(null);
      let first = true;
      while (text[at] !== "}") {
        if (!first) expectNext(",");
        first = false;
        const key = Buffer.from(string()).toString("utf8");
        if (key in object) fail();
        expectNext(":");
        object[key] = key === "signature_name" ? (Buffer.from(string()).toString("utf8") as never) : value();
      }
      at++;
      return object;
    }
    if (text[at] === '"') return string();
    const token = take(TOKEN);
    return token === "true" ? true : token === "false" ? false : { token };
  };

  const document = value();
  if (at !== text.length) fail();
  return document;
}
