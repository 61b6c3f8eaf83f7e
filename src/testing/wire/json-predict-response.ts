import type { Tensor } from "../../tensor/tensor.ts";
import { toServerDType } from "../server-dtype.ts";
import { invalid } from "../server-error.ts";
import { formatDecimal } from "./decimal.ts";
import { JsonWriter } from "./json-writer.ts";

/**
 * Writes the outputs of a predict, in the form that the request had.
 *
 * @throws ServerError (INVALID_ARGUMENT) when the form or JSON itself cannot carry them, though the model has run
 * @see tensorflow_serving/util/json_tensor.cc MakeJsonFromTensors
 */
export function writePredictResponse(outputs: ReadonlyMap<string, Tensor>, format: "row" | "columnar"): Uint8Array {
  if (outputs.size === 0) throw invalid("Cannot convert empty tensor map to JSON");
  const writer = new JsonWriter();
  writer.startObject();
  if (format === "row") writeRows(outputs, writer);
  else writeColumns(outputs, writer);
  writer.endObject();
  return writer.toBytes();
}

/** Writes single elements of one tensor, by their place in it. */
type ElementWriter = (index: number) => void;

function writeRows(outputs: ReadonlyMap<string, Tensor>, writer: JsonWriter): void {
  const rows = commonFirstDimension(outputs);
  const columns = [...outputs].map(([name, tensor]) => ({
    name,
    shape: tensor.shape.slice(1),
    rowSize: rows === 0 ? 0 : tensor.size / rows,
    writeElement: elementWriter(name, tensor, writer),
  }));
  writer.string("predictions");
  writer.startArray();
  for (let row = 0; row < rows; row++) {
    // A lone output goes without its name.
    if (columns.length > 1) writer.startObject();
    writer.singleLineArrays = true;
    for (const { name, shape, rowSize, writeElement } of columns) {
      if (columns.length > 1) writer.string(name);
      writeNested(shape, 0, row * rowSize, writeElement, writer);
    }
    writer.singleLineArrays = false;
    if (columns.length > 1) writer.endObject();
  }
  writer.endArray();
}

function writeColumns(outputs: ReadonlyMap<string, Tensor>, writer: JsonWriter): void {
  writer.string("outputs");
  if (outputs.size > 1) writer.startObject();
  for (const [name, tensor] of outputs) {
    if (outputs.size > 1) writer.string(name);
    writeNested(tensor.shape, 0, 0, elementWriter(name, tensor, writer), writer);
  }
  if (outputs.size > 1) writer.endObject();
}

function commonFirstDimension(outputs: ReadonlyMap<string, Tensor>): number {
  let common: number | undefined;
  for (const [name, { shape }] of outputs) {
    const rows = shape[0];
    if (rows === undefined) throw invalid(`Tensor name: ${name} has no shape information `);
    if (common !== undefined && rows !== common) {
      throw invalid(`Tensor name: ${name} has inconsistent batch size: ${rows} expecting: ${common}`);
    }
    common = rows;
  }
  return common ?? 0;
}

/** Returns the place behind the last element written. */
function writeNested(
  shape: readonly number[],
  axis: number,
  begin: number,
  writeElement: ElementWriter,
  writer: JsonWriter,
): number {
  if (axis === shape.length) {
    writeElement(begin);
    return begin + 1;
  }
  let next = begin;
  writer.startArray();
  for (let i = 0; i < (shape[axis] as number); i++) next = writeNested(shape, axis + 1, next, writeElement, writer);
  writer.endArray();
  return next;
}

function elementWriter(name: string, tensor: Tensor, writer: JsonWriter): ElementWriter {
  const { dtype, data } = tensor;
  switch (dtype) {
    case "float32":
      return (index) => writer.raw(formatDecimal(data[index] as number, 9));
    case "float64":
      return (index) => writer.raw(formatDecimal(data[index] as number, 17));
    case "bool":
      return (index) => writer.raw(data[index] === 0 ? "false" : "true");
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint32":
    case "uint64":
      return (index) => writer.raw(String(data[index]));
    case "string": {
      const strings = data as readonly Uint8Array[];
      if (!name.endsWith("_bytes")) return (index) => writer.string(strings[index] as Uint8Array);
      return (index) => {
        writer.startObject();
        writer.string("b64");
        writer.string(Buffer.from(strings[index] as Uint8Array).toString("base64"));
        writer.endObject();
      };
    }
    default:
      // Raised at the first element, so that a tensor without any is written.
      return () => {
        throw invalid(`Failed to write JSON value for tensor type: ${toServerDType(dtype)}`);
      };
  }
}
