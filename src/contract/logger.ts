/**
 * Where the client tells what it noticed. `console` fits. Each method is optional; fields never hold payloads, header
 * values or credentials. What a logger throws is dropped: it cannot fail a call.
 */
export interface Logger {
  debug?(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info?(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn?(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error?(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
