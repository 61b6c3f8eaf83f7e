import { ENUMS, entryOf, type FieldSchema, fieldsOf } from "../schema.ts";
import { printBytes, printString } from "./string-literal.ts";
import { isMessage, type TextMessage, type TextValue } from "./text-message.ts";

/**
 * A message in protobuf text format: one value a line, two spaces a level, a newline at the end. The fields come in the
 * order in which the message has them.
 */
export function printText(message: TextMessage, type: string): string {
  const lines: string[] = [];
  printFields(message, fieldsOf(type) ?? {}, "", lines);
  return lines.map((line) => `${line}\n`).join("");
}

function printFields(
  message: TextMessage,
  fields: Readonly<Record<string, FieldSchema>>,
  indent: string,
  lines: string[],
): void {
  for (const [name, { values }] of message.fields) {
    const field = fields[name] as FieldSchema;
    const inner = field.map ? entryOf(field) : fieldsOf(field.type);
    for (const value of values) {
      if (!isMessage(value)) {
        lines.push(`${indent}${name}: ${printScalar(value, field.type)}`);
      } else if (value.fields.size === 0) {
        lines.push(`${indent}${name} {}`);
      } else {
        lines.push(`${indent}${name} {`);
        printFields(value, inner ?? {}, `${indent}  `, lines);
        lines.push(`${indent}}`);
      }
    }
  }
}

function printScalar(value: Exclude<TextValue, TextMessage>, type: string): string {
  if (value instanceof Uint8Array) return printBytes(value);
  if (typeof value === "string") return Object.hasOwn(ENUMS, type) ? value : printString(value);
  if (typeof value !== "number" || Number.isInteger(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  if (Number.isNaN(value)) return "nan";
  return String(value).replace("Infinity", "inf");
}
