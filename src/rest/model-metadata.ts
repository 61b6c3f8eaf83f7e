import * as z from "zod/mini";
import type { ServedModel } from "../contract/model-spec.ts";
import type { Signature } from "../contract/signature.ts";
import { quote } from "../internal/quote.ts";
import type { RestCodec } from "./codec.ts";
import { toModelPath, toServedModel, toVersion } from "./model-spec.ts";
import { int64, map, message, readMessage } from "./protobuf-json.ts";
import { fromSignatureDef } from "./signature.ts";

const REPLY = message({
  model_spec: z.optional(message({ name: z.optional(z.string()), version: z.optional(int64) })),
  // Twice the same name: the key of the metadata map, and the field of SignatureDefMap.
  metadata: message({ signature_def: message({ signature_def: z.optional(map) }) }),
});

/** `GET …/metadata`. The one REST reply that tells which version answered. */
export const modelMetadata: RestCodec<"getModelMetadata"> = {
  encode: (request) => ({ method: "GET", path: `${toModelPath(request)}/metadata`, body: undefined }),

  decode(reply, request) {
    const { model_spec: spec, metadata } = readMessage(reply, REPLY);
    const signatures: Record<string, Signature> = Object.create(null);
    for (const [name, value] of Object.entries(metadata.signature_def.signature_def ?? {})) {
      signatures[name] = fromSignatureDef(value, `reply.metadata.signature_def[${quote(name)}]`);
    }
    const modelSpec: ServedModel = {
      ...toServedModel(request),
      ...(spec?.name ? { name: spec.name } : {}),
      ...(spec?.version === undefined ? {} : { version: toVersion(spec.version) }),
    };
    return { modelSpec, signatures };
  },
};
