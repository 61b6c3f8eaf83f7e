import * as z from "zod/mini";

const MILLISECONDS = "a whole number of milliseconds from 1";
const VERSION = "a whole number from 0";
const PEM = "the name of a PEM file";
const OBJECT = "an object";
const HEADERS = "an object of texts by header name";

const text = (expected: string) => z.optional(z.string(expected).check(z.minLength(1, expected)));

/**
 * What a file of settings may hold. The message of a check is what was expected; what was found is said beside it, so
 * that no value gets into a message by itself.
 */
export const settingsSchema = z.strictObject(
  {
    address: text("an address, such as grpc://localhost:8500"),
    model: text("the name of a model"),
    version: z.optional(
      z.union([z.string().check(z.regex(/^\d{1,19}$/, VERSION)), z.int(VERSION).check(z.minimum(0, VERSION))], VERSION),
    ),
    label: text("the label of a version"),
    signature: text("the name of a signature"),
    timeoutMs: z.optional(z.int(MILLISECONDS).check(z.minimum(1, MILLISECONDS))),
    auth: text("the text of an authorization header"),
    headers: z.optional(z.record(z.string(), z.string(HEADERS), HEADERS)),
    allowInsecureCredentials: z.optional(z.boolean("true or false")),
    tls: z.optional(
      z.strictObject(
        { ca: text(PEM), cert: text(PEM), key: text(PEM), serverName: text("the name in the server's certificate") },
        OBJECT,
      ),
    ),
  },
  OBJECT,
);

/** What may be set outside of the command line, once it is checked. */
export type Settings = z.infer<typeof settingsSchema>;
