import * as z from "zod/mini";
import { decodeError } from "../errors/decode-error.ts";
import type { RestReply } from "./codec.ts";
import { readDocument } from "./reply.ts";

/*
 * Status and metadata come from protobuf's own JSON printer: 64-bit integers are strings, enums are names. The server
 * keeps the proto's snake_case; other printers write lowerCamelCase and leave out fields of default value, so both
 * forms of a name are read and nothing but the outermost message has to be there.
 */

/** A message by its fields' snake_case names. Fields that are not listed are ignored. */
export function message<T extends z.core.$ZodLooseShape>(fields: T) {
  return z.pipe(z.transform(snakeCaseKeys), z.object(fields));
}

/** An int64, as a string or as a number. */
export const int64 = z.pipe(
  z.union([z.string().check(z.regex(/^-?[0-9]{1,19}$/)), z.bigint(), z.int()]),
  z.transform((value: string | number | bigint) => BigInt.asIntN(64, BigInt(value))),
);

/** An enum value: its name, or its number where the printer did not know one. */
export const enumValue = z.union([z.string(), z.int()]);

/** A map: its keys are the peer's, so they are neither renamed nor looked into here. */
export const map = z.custom<Readonly<Record<string, unknown>>>(isObject);

/**
 * Reads a reply that is one message.
 *
 * @throws ServingError (INTERNAL, kind decode) naming the field that is wrong, never its value
 */
export function readMessage<S extends z.ZodMiniType>(reply: RestReply, schema: S): z.output<S> {
  return check(readDocument(reply), schema, "reply");
}

/** The same for a value that lies in a map; `where` is its place. */
export function check<S extends z.ZodMiniType>(value: unknown, schema: S, where: string): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = [where, ...(issue?.path ?? [])].join(".");
  const expected = issue !== undefined && "expected" in issue ? `expected ${String(issue.expected)}` : "not expected";
  throw decodeError(`${path}: ${expected}`);
}

function snakeCaseKeys(value: unknown): unknown {
  if (!isObject(value)) return value;
  const renamed: Record<string, unknown> = Object.create(null);
  for (const [key, field] of Object.entries(value)) {
    renamed[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = field;
  }
  return renamed;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
