import type { TensorSpec } from "../../contract/signature.ts";
import { CODE_NUMBERS } from "../../errors/code.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { ServedVersion } from "../served-version.ts";
import { toEnumName } from "../server-dtype.ts";
import type { KnownVersion } from "../serving-core.ts";
import type { LoadedSignature } from "../signatures.ts";
import { toValueFields } from "./tensor-values.ts";

/** A document as protobuf's JSON printer sees it; 64-bit integers are text already. */
type Document = string | number | boolean | readonly Document[] | ReadonlyMap<string, Document>;

/**
 * The document of a model status.
 *
 * @see tensorflow_serving/model_servers/http_rest_api_util.cc ToJsonString
 */
export function writeStatusDocument(versions: readonly KnownVersion[]): Uint8Array {
  const list = versions.map(({ number, state, error }) =>
    fields({
      version: String(number),
      state,
      status: fields({
        error_code: error === undefined ? "OK" : error.code in CODE_NUMBERS ? error.code : "UNKNOWN",
        error_message: error?.message ?? "",
      }),
    }),
  );
  return Buffer.from(print(fields({ model_version_status: list })));
}

/**
 * The document of a model's metadata: two printed messages put together by hand, which is why the name
 * `signature_def` stands there twice and the lines break where they do.
 */
export function writeMetadataDocument(version: ServedVersion): Uint8Array {
  const spec = fields({ name: version.model, signature_name: "", version: String(version.number) });
  const signatures = new Map([...version.signatures].map(([name, signature]) => [name, signatureDef(signature)]));
  const map = fields({ signature_def: signatures });
  return Buffer.from(`{\n"model_spec":${print(spec)},\n"metadata": {"signature_def": ${print(map)}}\n}\n`);
}

function signatureDef(signature: LoadedSignature): Document {
  return fields({
    inputs: tensorInfos(signature.inputs),
    outputs: tensorInfos(signature.outputs),
    method_name: signature.methodName,
    defaults: new Map([...signature.defaults].map(([name, tensor]) => [name, tensorProto(tensor)])),
  });
}

function tensorInfos(specs: ReadonlyMap<string, TensorSpec>): Document {
  return new Map(
    [...specs].map(([name, { dtype, shape, tensorName }]) => [
      name,
      fields({ dtype: toEnumName(dtype), tensor_shape: tensorShape(shape), name: tensorName }),
    ]),
  );
}

function tensorShape(shape: readonly number[] | null): Document {
  return fields({
    dim: (shape ?? []).map((size) => fields({ size: String(size), name: "" })),
    unknown_rank: shape === null,
  });
}

function tensorProto(tensor: Tensor): Document {
  const { boolVal, int64Val, uint64Val, stringVal, ...numbers } = toValueFields(tensor);
  const lists: Record<string, Document> = {};
  for (const [name, values] of Object.entries(numbers)) {
    lists[toSnakeCase(name)] = values.map((value) => (Number.isFinite(value) ? value : String(value)));
  }
  if (boolVal) lists["bool_val"] = boolVal;
  if (int64Val) lists["int64_val"] = int64Val.map(String);
  if (uint64Val) lists["uint64_val"] = uint64Val.map(String);
  if (stringVal) lists["string_val"] = stringVal.map((bytes) => Buffer.from(bytes).toString("base64"));
  return fields({
    dtype: toEnumName(tensor.dtype),
    tensor_shape: tensorShape(tensor.shape),
    version_number: 0,
    tensor_content: "",
    ...lists,
  });
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function fields(record: Readonly<Record<string, Document>>): ReadonlyMap<string, Document> {
  return new Map(Object.entries(record));
}

/** One space a level, and a line break at the end, as protobuf prints with white space on. */
function print(document: Document): string {
  return `${printAt(document, "")}\n`;
}

function printAt(document: Document, indent: string): string {
  const inner = `${indent} `;
  if (document instanceof Map) {
    const members = [...document].map(([name, value]) => `${inner}${JSON.stringify(name)}: ${printAt(value, inner)}`);
    return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
  }
  if (Array.isArray(document)) {
    const items = document.map((item) => `${inner}${printAt(item, inner)}`);
    return items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n${indent}]`;
  }
  return JSON.stringify(document);
}
