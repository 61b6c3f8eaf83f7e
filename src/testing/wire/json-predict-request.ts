import type { TensorSpec } from "../../contract/signature.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { invalid, type ServerError, toServerError } from "../server-error.ts";
import { isBase64Object } from "./json-base64.ts";
import { JsonObject, type JsonValue, readJson } from "./json-reader.ts";
import { appendElements, type Elements, shapeOf, toTensor } from "./json-tensor.ts";
import { isArray, toJsonText } from "./json-text.ts";

export interface ReadPredictRequest {
  readonly format: "row" | "columnar";
  readonly signatureName: string;
  readonly inputs: ReadonlyMap<string, Tensor | undefined>;
}

type InputSpecs = ReadonlyMap<string, TensorSpec>;

/**
 * Reads the body of a predict.
 *
 * @param inputsOf looks a signature up, once the body is known to be JSON: an unknown model comes before bad tensors
 * @throws ServerError as the server words it
 * @see tensorflow_serving/util/json_tensor.cc FillPredictRequestFromJson
 */
export function readPredictRequest(
  body: Uint8Array,
  inputsOf: (signatureName: string) => InputSpecs,
): ReadPredictRequest {
  const document = readDocument(body);
  const signatureName = readSignatureName(document);
  const specs = inputsOf(signatureName);
  if (specs.size === 0) throw invalid(`Failed to get input map for signature: ${signatureName || "DEFAULT"}`);
  const instances = document.find("instances");
  const inputs = document.find("inputs");
  if (instances !== undefined) {
    if (inputs !== undefined) {
      throw formatError(
        document,
        "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
      );
    }
    if (!isArray(instances)) throw formatError(document, "Expecting 'instances' to be an list/array");
    if (instances.length === 0) throw formatError(document, "No values in 'instances' array");
    return { format: "row", signatureName, inputs: readRows(instances, specs) };
  }
  if (inputs === undefined) throw invalid("Missing 'inputs' or 'instances' key");
  return { format: "columnar", signatureName, inputs: readColumns(inputs, specs) };
}

/** The top level of any body: an object. */
export function readDocument(body: Uint8Array): JsonObject {
  const document = readJson(body);
  if (document instanceof JsonObject) return document;
  throw formatError(document, "Is not object");
}

/** `""` where the body names none. */
export function readSignatureName(document: JsonObject): string {
  const name = document.find("signature_name");
  if (name === undefined) return "";
  if (name instanceof Uint8Array) return new TextDecoder().decode(name);
  throw formatError(document, "not formatted correctly. 'signature_name' key must be a string value.");
}

export function formatError(value: JsonValue, complaint: string): ServerError {
  return invalid(`JSON Value: ${toJsonText(value)} ${complaint}`);
}

interface Column {
  readonly spec: TensorSpec;
  readonly elements: Elements;
  /** Of one row, as the first row has it. */
  shape: readonly number[] | undefined;
  rowSize: number;
}

function readRows(rows: readonly JsonValue[], specs: InputSpecs): ReadonlyMap<string, Tensor | undefined> {
  if (!(rows[0] instanceof JsonObject) && specs.size > 1) {
    throw invalid(
      "instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map",
    );
  }
  const rowsAreNamed = isNamed(rows[0] as JsonValue);
  const columns = new Map<string, Column>();
  rows.forEach((row, index) => {
    if (rowsAreNamed) readNamedRow(row, index, specs, columns);
    else readBareRow(row, index, specs, columns);
  });
  return new Map(
    [...columns].map(([name, { spec, shape, elements }]) => [
      name,
      toTensor(spec, [rows.length, ...(shape ?? [])], elements),
    ]),
  );
}

/** A lone `{"b64": …}` is a value, any other object names inputs. */
function isNamed(row: JsonValue): row is JsonObject {
  return row instanceof JsonObject && !isBase64Object(row);
}

function readNamedRow(row: JsonValue, index: number, specs: InputSpecs, columns: Map<string, Column>): void {
  if (!isNamed(row)) throw invalid(`Expecting object but got list at item ${index} of input list`);
  const names = new Set<string>();
  for (const [name, value] of row.members) {
    names.add(name);
    try {
      addRow(value, name, specs, columns);
    } catch (thrown) {
      throw invalid(
        `Failed to process element: ${index} key: ${name} of 'instances' list. Error: ${toServerError(thrown).toStatusText()}`,
      );
    }
  }
  if (names.size !== specs.size) {
    throw invalid(
      `Failed to process element: ${index} of 'instances' list. JSON object: ${toJsonText(row)} keys must be equal to: ${[...specs.keys()].sort().join(",")}`,
    );
  }
}

function readBareRow(row: JsonValue, index: number, specs: InputSpecs, columns: Map<string, Column>): void {
  if (isNamed(row)) throw invalid(`Expecting value/list but got object at item ${index} of input list`);
  // With several inputs, rows that are bare b64 objects all go to one of them; the input count is checked later.
  const [firstName = ""] = specs.keys();
  try {
    addRow(row, firstName, specs, columns);
  } catch (thrown) {
    throw invalid(
      `Failed to process element: ${index} of 'instances' list. Error: ${toServerError(thrown).toStatusText()}`,
    );
  }
}

function addRow(value: JsonValue, name: string, specs: InputSpecs, columns: Map<string, Column>): void {
  const spec = specs.get(name);
  if (spec === undefined) throw invalid(`JSON object: does not have named input: ${name}`);
  let column = columns.get(name);
  if (column === undefined) {
    column = { spec, elements: [], shape: undefined, rowSize: 0 };
    columns.set(name, column);
  }
  const shape = shapeOf(value);
  const before = column.elements.length;
  appendElements(value, shape, spec.dtype, column.elements);
  const size = column.elements.length - before;
  if (column.shape === undefined) {
    column.shape = shape;
    column.rowSize = size;
  } else if (size !== column.rowSize) {
    throw invalid(`Expecting tensor size: ${column.rowSize} but got: ${size}`);
  } else if (!isSame(shape, column.shape)) {
    throw invalid(`Expecting shape [${column.shape.join(",")}] but got: [${shape.join(",")}]`);
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

function readColumns(value: JsonValue, specs: InputSpecs): ReadonlyMap<string, Tensor | undefined> {
  if (!isNamed(value)) {
    if (specs.size > 1) {
      throw invalid(
        "inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map",
      );
    }
    return new Map([...specs].map(([name, spec]) => [name, readColumn(value, spec)]));
  }
  return new Map(
    [...specs].map(([name, spec]) => {
      const column = value.find(name);
      if (column === undefined) throw invalid(`Missing named input: ${name} in 'inputs' object.`);
      return [name, readColumn(column, spec)];
    }),
  );
}

function readColumn(value: JsonValue, spec: TensorSpec): Tensor | undefined {
  const shape = shapeOf(value);
  const elements: Elements = [];
  appendElements(value, shape, spec.dtype, elements);
  return toTensor(spec, shape, elements);
}
