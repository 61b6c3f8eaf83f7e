import type { PredictRequest, PredictResponse } from "../contract/predict.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Codec, type DecodeLimits, decoding } from "./codec.ts";
import { ModelSpecFields } from "./model-spec.ts";
import { DecodeBudget } from "./wire/decode-limits.ts";
import { PredictTemplate } from "./wire/predict-template.ts";
import { TensorEntries } from "./wire/tensor-entry.ts";
import { WireReader } from "./wire/wire-reader.ts";
import type { OutgoingMessage } from "./wire/wire-writer.ts";

/** How many templates are kept: a few models, or a few shapes of one, take turns without being sized anew. */
const MAX_TEMPLATES = 8;

/**
 * Runs a signature on tensors. Written and read by hand: this is the message that carries the data.
 *
 * What is the same in the latest requests is kept, so that the next of their kind cost their tensors' elements alone.
 */
export class PredictCodec implements Codec<"predict"> {
  readonly path = "/tensorflow.serving.PredictionService/Predict";
  readonly #templates: PredictTemplate[] = [];
  #oldest = 0;

  encode(request: PredictRequest): OutgoingMessage {
    const templates = this.#templates;
    for (let index = 0; index < templates.length; index++) {
      const template = templates[index] as PredictTemplate;
      const tensors = template.tensorsOf(request);
      if (tensors !== undefined) return new PredictMessage(template, tensors);
    }
    const tensors = Object.values(request.inputs);
    const template = new PredictTemplate(request, tensors);
    if (template.isWorthKeeping) {
      templates[this.#oldest] = template;
      this.#oldest = (this.#oldest + 1) % MAX_TEMPLATES;
    }
    return new PredictMessage(template, tensors);
  }

  decode(bytes: Buffer, request: PredictRequest, limits: DecodeLimits): PredictResponse {
    return decoding("PredictResponse", () => {
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
    });
  }
}

/**
 * A PredictRequest that writes itself where it is told to: handed to grpc-js as it is, it puts the tensors' memory into
 * the frame without a copy in between.
 *
 * The tensors' data is read when it is written, which is after the call was made.
 */
export class PredictMessage implements OutgoingMessage {
  readonly length: number;
  readonly #template: PredictTemplate;
  readonly #tensors: readonly Tensor[];

  constructor(template: PredictTemplate, tensors: readonly Tensor[]) {
    this.length = template.length;
    this.#template = template;
    this.#tensors = tensors;
  }

  copy(target: Buffer, offset: number): number {
    this.#template.write(target, offset, this.#tensors);
    return this.length;
  }
}
