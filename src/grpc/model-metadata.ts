import {
  GetModelMetadataRequest,
  GetModelMetadataResponse,
  SignatureDefMap,
} from "#generated/tensorflow_serving/apis/get_model_metadata.ts";
import type { Signature } from "../contract/signature.ts";
import { quote } from "../internal/quote.ts";
import { type Codec, decodingControl } from "./codec.ts";
import { fromModelSpec, toModelSpec } from "./model-spec.ts";
import { toSignature } from "./signature.ts";
import { WireFault, within } from "./wire/wire-fault.ts";
import { toOutgoing } from "./wire/wire-writer.ts";

/** The one field of metadata that the server has. @see tensorflow_serving/servables/tensorflow/get_model_metadata_impl.cc */
const FIELD = "signature_def";
const TYPE = "tensorflow.serving.SignatureDefMap";

/** The signatures of a loaded model. @see tensorflow_serving/apis/get_model_metadata.proto */
export const modelMetadataCodec: Codec<"getModelMetadata"> = {
  path: "/tensorflow.serving.PredictionService/GetModelMetadata",
  encode: (request) =>
    toOutgoing(GetModelMetadataRequest.encode({ modelSpec: toModelSpec(request), metadataField: [FIELD] }).finish()),
  decode: (bytes, request) =>
    decodingControl("GetModelMetadataResponse", bytes, () => {
      const response = GetModelMetadataResponse.decode(bytes);
      const packed = response.metadata.get(FIELD);
      if (packed === undefined) throw new WireFault(`has no metadata ${quote(FIELD)}`);
      // What stands before the last slash is a server's name and has no meaning here.
      if (packed.typeUrl.slice(packed.typeUrl.lastIndexOf("/") + 1) !== TYPE) {
        throw within(FIELD, new WireFault(`holds a ${quote(packed.typeUrl)}, expected a ${TYPE}`));
      }
      const signatures: Record<string, Signature> = Object.create(null);
      for (const [name, definition] of SignatureDefMap.decode(packed.value).signatureDef) {
        try {
          signatures[name] = toSignature(definition);
        } catch (error) {
          throw within(`signature_def[${quote(name)}]`, error);
        }
      }
      return { modelSpec: fromModelSpec(response.modelSpec, request), signatures };
    }),
};
