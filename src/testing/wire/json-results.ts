import type { Classification } from "../../contract/classify.ts";
import { invalid } from "../server-error.ts";
import { formatDecimal } from "./decimal.ts";
import { JsonWriter } from "./json-writer.ts";

/** Writes what a classify answers, scores being float32: a `[label, score]` for each class of each example. */
export function writeClassifyResponse(classes: readonly (readonly Classification[])[]): Uint8Array {
  if (classes.length === 0) throw invalid("Cannot convert empty ClassificationResults to JSON");
  const writer = new JsonWriter();
  writer.startObject();
  writer.string("results");
  writer.startArray();
  for (const ofExample of classes) {
    writer.singleLineArrays = true;
    writer.startArray();
    for (const { label, score } of ofExample) {
      writer.startArray();
      writer.string(label);
      writer.raw(formatDecimal(score, 9));
      writer.endArray();
    }
    writer.endArray();
    writer.singleLineArrays = false;
  }
  writer.endArray();
  writer.endObject();
  return writer.toBytes();
}

/** Writes what a regress answers: one float32 an example. */
export function writeRegressResponse(values: readonly number[]): Uint8Array {
  if (values.length === 0) throw invalid("Cannot convert empty RegressionResults to JSON");
  const writer = new JsonWriter();
  writer.singleLineArrays = true;
  writer.startObject();
  writer.string("results");
  writer.startArray();
  for (const value of values) writer.raw(formatDecimal(value, 9));
  writer.endArray();
  writer.endObject();
  return writer.toBytes();
}

/** The body of any failure. */
export function writeErrorBody(message: string): Uint8Array {
  const writer = new JsonWriter();
  writer.startObject();
  writer.string("error");
  writer.string(message);
  writer.endObject();
  return writer.toBytes();
}
