import type { Signature } from "../contract/signature.ts";
import { quote } from "../internal/quote.ts";
import type { JsonReader } from "./json/json-reader.ts";
import type { NestedReader } from "./json/nested-reader.ts";
import { checkOutputCount, isNamed, loneName, type Outputs, specOf } from "./read-columns.ts";
import { openTensor, restoreEmptyShape } from "./tensor.ts";

/** Reads the value of `predictions`: a list of rows, each the value of the lone output or an object of several. */
export function readRows(reader: JsonReader, signature: Signature | undefined): Outputs {
  const start = reader.position;
  if (reader.peek() !== 91) throw reader.unexpected("a list");
  reader.position++;
  const empty = reader.peek() === 93;
  const named = !empty && isNamed(reader);
  reader.position = start;
  if (named) return readNamedRows(reader, signature);
  const outputs: Outputs = Object.create(null);
  if (empty && signature !== undefined && Object.keys(signature.outputs).length !== 1) {
    reader.list(() => {});
    for (const [name, spec] of Object.entries(signature.outputs)) {
      outputs[name] = openTensor(spec).finish(restoreEmptyShape([0], spec));
    }
    return outputs;
  }
  // The list of rows is the outermost axis, so one pass over nested lists reads it all.
  const name = loneName(reader, signature);
  const spec = specOf(signature, name);
  const value = openTensor(spec);
  value.read(reader);
  outputs[name] = value.finish(restoreEmptyShape(value.shape, spec));
  return outputs;
}

/** Turns rows of objects into columns as they are read. Every row needs exactly the names of the first. */
function readNamedRows(reader: JsonReader, signature: Signature | undefined): Outputs {
  const columns = new Map<string, NestedReader>();
  const rows = reader.list((row) => {
    const at = reader.position;
    let names = 0;
    reader.object((name) => {
      let column = columns.get(name);
      if (column === undefined) {
        if (row > 0) throw reader.fail(`row ${row} has an output ${quote(name)} that row 0 does not have`, at);
        column = openTensor(specOf(signature, name));
        columns.set(name, column);
        checkOutputCount(reader, columns.size);
      }
      column.read(reader);
      names++;
    });
    if (names !== columns.size) {
      throw reader.fail(`row ${row} has ${names} outputs, row 0 has ${columns.size}`, at);
    }
  });
  const outputs: Outputs = Object.create(null);
  for (const [name, column] of columns) {
    outputs[name] = column.finish(restoreEmptyShape([rows, ...column.shape], specOf(signature, name)));
  }
  return outputs;
}
