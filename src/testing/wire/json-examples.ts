import type { Example, Feature } from "../../contract/example.ts";
import { invalid, type ServerError } from "../server-error.ts";
import { isBase64Object, readBase64 } from "./json-base64.ts";
import { formatError, readDocument, readSignatureName } from "./json-predict-request.ts";
import { JsonObject, type JsonValue } from "./json-reader.ts";
import { isArray, typeName } from "./json-text.ts";

export interface ReadExamplesRequest {
  readonly signatureName: string;
  readonly context: Example | undefined;
  readonly examples: readonly Example[];
}

/**
 * Reads the body of a classify or regress.
 *
 * @throws ServerError as the server words it
 * @see tensorflow_serving/util/json_tensor.cc FillClassifyRegressRequestFromJson
 */
export function readExamplesRequest(body: Uint8Array): ReadExamplesRequest {
  const document = readDocument(body);
  const signatureName = readSignatureName(document);
  const contextValue = document.find("context");
  const context = contextValue === undefined ? undefined : readExample(contextValue);
  const examples = document.find("examples");
  if (examples === undefined) {
    // The text says classify for regress too.
    throw formatError(document, "When method is classify, key 'examples' is expected and was not found");
  }
  if (!isArray(examples)) throw formatError(document, "Expecting 'examples' value to be an list/array");
  if (examples.length === 0) throw formatError(document, "'examples' value is an empty array");
  return { signatureName, context, examples: examples.map(readExample) };
}

function readExample(value: JsonValue): Example {
  if (!(value instanceof JsonObject)) {
    throw invalid(`Example must be JSON object but got JSON ${typeName(value)}`);
  }
  // Of two features with one name the last counts, but both are read.
  return { features: new Map(value.members.map(([name, content]) => [name, readFeature(name, content)])) };
}

type Kind = "float" | "int64" | "bytes";

function readFeature(name: string, content: JsonValue): Feature {
  const items = isArray(content) ? content : [content];
  let kind: Kind | undefined;
  const values: (number | bigint | Uint8Array)[] = [];
  for (const item of items) {
    const itemKind = kindOf(name, item);
    kind ??= itemKind;
    if (kind !== itemKind) throw invalid(`Unexpected element type in feature: ${name} expecting type: ${kind}`);
    values.push(readValue(name, item));
  }
  switch (kind) {
    case "float":
      return { kind, values: Float32Array.from(values as number[]) };
    case "int64":
      return { kind, values: BigInt64Array.from(values as bigint[]) };
    case "bytes":
      return { kind, values: values as Uint8Array[] };
    default:
      return { kind: "none" };
  }
}

function kindOf(name: string, item: JsonValue): Kind {
  if (typeof item === "boolean" || typeof item === "bigint") return "int64";
  if (typeof item === "number") return "float";
  if (item instanceof Uint8Array) return "bytes";
  if (item !== null && isBase64Object(item)) return "bytes";
  throw unexpected(name, item);
}

function readValue(name: string, item: JsonValue): number | bigint | Uint8Array {
  if (typeof item === "boolean") return item ? 1n : 0n;
  if (typeof item === "bigint") {
    if (item >= 2n ** 63n) throw invalid(`Feature: ${name} has uint64_t element. Only int64_t is supported.`);
    return item;
  }
  if (item instanceof JsonObject) return readBase64(item);
  return item as number | Uint8Array;
}

function unexpected(name: string, item: JsonValue): ServerError {
  return invalid(`Feature: ${name} has element with unexpected JSON type: ${typeName(item)}`);
}
