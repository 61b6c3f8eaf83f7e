import type { PredictRequest } from "../contract/predict.ts";
import type { Signature } from "../contract/signature.ts";
import { decodeError } from "../errors/decode-error.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { unsupported } from "../errors/unsupported.ts";
import { didYouMean } from "../internal/did-you-mean.ts";
import { quote } from "../internal/quote.ts";
import { formatShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { RestCodec } from "./codec.ts";
import { JsonWriter } from "./json/json-writer.ts";
import { toModelPath, toServedModel } from "./model-spec.ts";
import { LONE_OUTPUT, readColumns } from "./read-columns.ts";
import { readRows } from "./read-rows.ts";
import { readReply } from "./reply.ts";
import { checkJsonTensor, tensorWriter } from "./tensor.ts";

/**
 * `POST …:predict`. Inputs go as `inputs` (columnar) or `instances` (row), always with their names, so that the server
 * checks those; the answer is `outputs` or `predictions`.
 *
 * A lone output comes without its name. The signature gives it, where the caller has that; else it is `outputs`.
 */
export const predict: RestCodec<"predict"> = {
  encode(request, context) {
    checkFilter(request.outputFilter, context.signature);
    const path = `${toModelPath(request)}:predict`;
    const inputs = Object.entries(request.inputs);
    if (inputs.length === 0) {
      throw unsupported("predict: no inputs were given; a signature without inputs can be called over gRPC only");
    }
    const writer = new JsonWriter(context.maxMessageBytes);
    writer.raw("{");
    if (request.signatureName !== undefined) {
      writer.key("signature_name");
      writer.string(request.signatureName);
      writer.raw(",");
    }
    if (context.format === "row") writeInstances(writer, inputs);
    else writeInputs(writer, inputs);
    writer.raw("}");
    return { method: "POST", path, body: writer.take() };
  },

  decode(reply, request, { signature, maxMessageBytes }) {
    let outputs: Record<string, Tensor> | undefined;
    readReply(reply, maxMessageBytes, (key, reader) => {
      if (outputs !== undefined) throw reader.fail(`the key ${quote(key)} beside the outputs`);
      if (key === "outputs") outputs = readColumns(reader, signature);
      else if (key === "predictions") outputs = readRows(reader, signature);
      else throw reader.fail(`the key ${quote(key)}, expected "outputs" or "predictions"`);
    });
    if (outputs === undefined) throw decodeError('reply: expected "outputs" or "predictions", found an empty object');
    return { outputs: filtered(outputs, request.outputFilter), modelSpec: toServedModel(request) };
  },
};

type Inputs = readonly (readonly [string, Tensor])[];

function writeInputs(writer: JsonWriter, inputs: Inputs): void {
  for (const [name, tensor] of inputs) checkJsonTensor(name, tensor, 0);
  writer.raw('"inputs":');
  if (isLoneB64(inputs)) {
    const [name, tensor] = inputs[0]!;
    tensorWriter(name, tensor)(writer, tensor.shape, 0);
    return;
  }
  writer.raw("{");
  inputs.forEach(([name, tensor], position) => {
    if (position > 0) writer.comma();
    writer.key(name);
    // A float32 of all its digits and its comma; memory that is not written to costs next to nothing.
    writer.expect(tensor.size * 12);
    tensorWriter(name, tensor)(writer, tensor.shape, 0);
  });
  writer.raw("}");
}

function writeInstances(writer: JsonWriter, inputs: Inputs): void {
  const rows = commonRows(inputs);
  for (const [name, tensor] of inputs) checkJsonTensor(name, tensor, 1);
  const bare = isLoneB64(inputs);
  const parts = inputs.map(([name, tensor]) => {
    const key = `${JSON.stringify(name)}:`;
    return { key, write: tensorWriter(name, tensor), shape: tensor.shape.slice(1), elements: tensor.size / rows };
  });
  writer.raw('"instances":[');
  for (let row = 0; row < rows; row++) {
    if (row > 0) writer.comma();
    if (!bare) writer.raw("{");
    parts.forEach(({ key, write, shape, elements }, position) => {
      if (position > 0) writer.comma();
      if (!bare) writer.text(key);
      write(writer, shape, row * elements);
    });
    if (!bare) writer.raw("}");
  }
  writer.raw("]");
}

/**
 * Whether the only input is called `b64`: an object with that one key means binary data to the server, so the value
 * goes without its name, which the server allows for a lone input.
 */
function isLoneB64(inputs: Inputs): boolean {
  return inputs.length === 1 && inputs[0]![0] === "b64";
}

/** The first dimension that all inputs share, which the row form needs. */
function commonRows(inputs: Inputs): number {
  let rows: number | undefined;
  for (const [name, tensor] of inputs) {
    const length = tensor.shape[0];
    if (length === undefined) {
      throw invalidArgument(`input ${quote(name)} is a scalar: format "row" needs a first dimension; use "columnar"`);
    }
    if (length === 0) {
      throw invalidArgument(
        `input ${quote(name)} has shape ${formatShape(tensor.shape)}: format "row" cannot send no rows; use "columnar"`,
      );
    }
    if (rows !== undefined && rows !== length) {
      throw invalidArgument(
        `input ${quote(name)} has ${length} rows, input ${quote(inputs[0]![0])} has ${rows}: format "row" needs one common first dimension; use "columnar"`,
      );
    }
    rows = length;
  }
  return rows!;
}

function checkFilter(filter: readonly string[] | undefined, signature: Signature | undefined): void {
  if (filter === undefined) return;
  for (const [position, name] of filter.entries()) {
    if (filter.indexOf(name) !== position) throw invalidArgument(`outputFilter names ${quote(name)} twice`);
    if (signature !== undefined && !Object.hasOwn(signature.outputs, name)) {
      throw unknownOutput(name, Object.keys(signature.outputs));
    }
  }
}

/** REST has no filter: what is not wanted is dropped here, after the server computed and sent it. */
function filtered(
  outputs: Record<string, Tensor>,
  filter: PredictRequest["outputFilter"],
): Readonly<Record<string, Tensor>> {
  if (filter === undefined || filter.length === 0) return outputs;
  const wanted: Record<string, Tensor> = Object.create(null);
  for (const name of filter) {
    const output = outputs[name];
    if (output === undefined) throw unknownOutput(name, Object.keys(outputs));
    wanted[name] = output;
  }
  return wanted;
}

function unknownOutput(name: string, names: readonly string[]): Error {
  const listed = names.map(quote).join(", ");
  const hint =
    names.length === 1 && names[0] === LONE_OUTPUT
      ? ` (REST does not name a lone output; a model handle knows its name)`
      : "";
  return invalidArgument(`outputFilter: no output ${quote(name)}; there is ${listed}${didYouMean(name, names)}${hint}`);
}
