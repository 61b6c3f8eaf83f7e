import type { PredictRequest } from "../contract/predict.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Codec, decoding } from "./codec.ts";
import { ModelSpecFields, type OutgoingModelSpec, outgoingModelSpec } from "./model-spec.ts";
import { sizeOfTensor, type TensorSizes, writeTensor } from "./tensor.ts";
import { DecodeBudget } from "./wire/decode-limits.ts";
import { TensorEntries } from "./wire/tensor-entry.ts";
import { WireReader } from "./wire/wire-reader.ts";
import { type OutgoingMessage, sizeOfField, sizeOfText, writeHead, writeText } from "./wire/wire-writer.ts";

/** Runs a signature on tensors. Written and read by hand: this is the message that carries the data. */
export const predictCodec: Codec<"predict"> = {
  path: "/tensorflow.serving.PredictionService/Predict",
  encode: (request) => new PredictMessage(request),
  decode: (bytes, request, limits) =>
    decoding("PredictResponse", () => {
      const reader = new WireReader(bytes);
      const spec = new ModelSpecFields();
      const outputs = new TensorEntries("outputs", new DecodeBudget(limits.maxMessageBytes));
      while (reader.pos < reader.end) {
        const tag = reader.tag();
        if (tag === 10) outputs.read(reader);
        else if (tag === 18) spec.read(reader);
        else reader.skip(tag, 0b110);
      }
      return { outputs: outputs.tensors, modelSpec: spec.toServedModel(request) };
    }),
};

/**
 * A PredictRequest that writes itself where it is told to. Everything is sized first, so one pass forward is enough,
 * and handed to grpc-js as it is, it puts the tensors' memory into the frame without a copy in between.
 *
 * The tensors' data is read when it is written, which is after the call was made.
 */
export class PredictMessage implements OutgoingMessage {
  readonly length: number;
  readonly #spec: OutgoingModelSpec;
  readonly #inputs: readonly OutgoingInput[];
  readonly #outputFilter: readonly string[];

  constructor(request: PredictRequest) {
    this.#spec = outgoingModelSpec(request);
    let length = sizeOfField(this.#spec.size);
    const inputs: OutgoingInput[] = [];
    for (const name of Object.keys(request.inputs)) {
      const tensor = request.inputs[name] as Tensor;
      const nameSize = sizeOfText(name);
      const tensorSizes = sizeOfTensor(tensor);
      const entrySize = sizeOfField(nameSize) + sizeOfField(tensorSizes.total);
      inputs.push({ name, nameSize, tensor, tensorSizes, entrySize });
      length += sizeOfField(entrySize);
    }
    this.#inputs = inputs;
    this.#outputFilter = request.outputFilter ?? [];
    for (const name of this.#outputFilter) length += sizeOfField(sizeOfText(name));
    this.length = length;
  }

  copy(target: Buffer, offset: number): number {
    let pos = this.#spec.write(target, writeHead(target, offset, 10, this.#spec.size));
    for (const { name, nameSize, tensor, tensorSizes, entrySize } of this.#inputs) {
      pos = writeHead(target, pos, 18, entrySize);
      pos = writeText(target, writeHead(target, pos, 10, nameSize), name, nameSize);
      pos = writeTensor(target, writeHead(target, pos, 18, tensorSizes.total), tensor, tensorSizes);
    }
    for (const name of this.#outputFilter) {
      const size = sizeOfText(name);
      pos = writeText(target, writeHead(target, pos, 26, size), name, size);
    }
    if (pos !== offset + this.length) throw new Error("an input was changed while it was being sent");
    return this.length;
  }
}

interface OutgoingInput {
  readonly name: string;
  readonly nameSize: number;
  readonly tensor: Tensor;
  readonly tensorSizes: TensorSizes;
  readonly entrySize: number;
}
