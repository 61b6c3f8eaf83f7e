const BRAND = Symbol.for("tfserving.ConfigSyntaxError");

/** Where in a text something stands. Both counted from 1; a column is a character, whatever its width. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * A configuration file that cannot be read: where, what was expected there and what was found.
 *
 * It is thrown for what is no text format (or no JSON), for fields that the message does not have and for values of a
 * wrong type. What the server reads but should not be given is no syntax error: `check` tells of that.
 */
export class ConfigSyntaxError extends SyntaxError {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in characters. */
  readonly column: number;
  /** The message without the place in front. */
  readonly rawMessage: string;

  constructor(rawMessage: string, { line, column }: Place) {
    super(`${line}:${column}: ${rawMessage}`);
    this.name = "ConfigSyntaxError";
    this.line = line;
    this.column = column;
    this.rawMessage = rawMessage;
  }

  /** True for errors of another copy of this package too: the ESM and the CommonJS build can meet in one process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
  }
}

// On the prototype, for every instance at once.
Object.defineProperty(ConfigSyntaxError.prototype, BRAND, { value: true });
