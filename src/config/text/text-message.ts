/**
 * One message of a text-format file, field by field, before it is put into this library's words. Everything that was
 * written is still there, explicit defaults included, but for comments and layout.
 */
export interface TextMessage {
  /** Offset of its opening bracket, 0 for a whole file. */
  readonly at: number;
  /** In the order of their first appearance. */
  readonly fields: Map<string, TextField>;
}

export interface TextField {
  /** Offset of its name, the first time. */
  readonly at: number;
  /** One for a field that is not repeated. */
  readonly values: TextValue[];
}

/** Integers are always `bigint`, doubles `number`; an enum value is its name, or its number where it has none. */
export type TextValue = string | Uint8Array | boolean | number | bigint | TextMessage;

/** Something that is legal and most likely a mistake. */
export interface TextNote {
  readonly at: number;
  readonly path: string;
  readonly reason: string;
  readonly remedy: string;
}

export function isMessage(value: TextValue): value is TextMessage {
  return typeof value === "object" && !(value instanceof Uint8Array);
}

/** The one value of a field that is not repeated. */
export function valueIn(message: TextMessage, name: string): TextValue | undefined {
  return message.fields.get(name)?.values[0];
}
