import { Metadata } from "@grpc/grpc-js";
import { invalidArgument } from "../errors/invalid-argument.ts";

/** Names that HTTP/2, gRPC or grpc-js fill in. */
const RESERVED = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

const NAME = /^[0-9a-z_.-]+$/;
const VALUE = /^[ -~]*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Headers as gRPC metadata. The value of a name that ends in `-bin` is base64, as it is on the wire.
 *
 * @throws ServingError (INVALID_ARGUMENT) for a name or value that cannot be sent; it never shows the value
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md Custom-Metadata
 */
export function toMetadata(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const name of Object.keys(headers)) {
    const key = name.toLowerCase();
    const value = headers[name] as string;
    if (!NAME.test(key)) {
      throw invalidArgument(`header ${JSON.stringify(name)}: a name may hold letters, digits, "-", "_" and "."`);
    }
    if (RESERVED.has(key) || key.startsWith("grpc-")) {
      throw invalidArgument(`header ${JSON.stringify(name)}: the name is reserved, gRPC fills it in by itself`);
    }
    if (typeof value !== "string" || !VALUE.test(value)) {
      throw invalidArgument(`header ${JSON.stringify(name)}: the value must be printable ASCII text`);
    }
    if (!key.endsWith("-bin")) metadata.set(key, value);
    else if (BASE64.test(value)) metadata.set(key, Buffer.from(value, "base64"));
    else throw invalidArgument(`header ${JSON.stringify(name)}: a name that ends in -bin takes base64`);
  }
  return metadata;
}

/** Metadata of a reply as a record without prototype: several values joined with commas, `-bin` ones in base64. */
export function fromMetadata(metadata: Metadata): Readonly<Record<string, string>> {
  const record: Record<string, string> = Object.create(null);
  const headers = metadata.toHttp2Headers();
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    record[name] = Array.isArray(value) ? value.join(", ") : String(value);
  }
  return record;
}
