import {
  GetModelStatusRequest,
  GetModelStatusResponse,
  ModelVersionStatus_State,
} from "#generated/tensorflow_serving/apis/get_model_status.ts";
import type { StatusProto } from "#generated/tensorflow_serving/apis/status.ts";
import type { ModelVersionState, ModelVersionStatus } from "../contract/model-status.ts";
import { toStatusName } from "../errors/code.ts";
import { type Codec, decodingControl } from "./codec.ts";
import { fromVersion, toModelSpec } from "./model-spec.ts";
import { printable } from "./wire/printable.ts";
import { toOutgoing } from "./wire/wire-writer.ts";

const STATES: ReadonlyMap<number, ModelVersionState> = new Map(
  Object.entries(ModelVersionStatus_State).map(([name, number]) => [number, name as ModelVersionState]),
);

/** The state of each version. @see tensorflow_serving/apis/get_model_status.proto */
export const modelStatusCodec: Codec<"getModelStatus"> = {
  path: "/tensorflow.serving.ModelService/GetModelStatus",
  encode: (request) => toOutgoing(GetModelStatusRequest.encode({ modelSpec: toModelSpec(request) }).finish()),
  decode: (bytes) =>
    decodingControl("GetModelStatusResponse", bytes, () => ({
      versions: GetModelStatusResponse.decode(bytes).modelVersionStatus.map(({ version, state, status }) => {
        const error = toVersionError(status);
        return {
          version: fromVersion(version),
          state: STATES.get(state) ?? "UNKNOWN",
          ...(error === undefined ? {} : { error }),
        };
      }),
    })),
};

/** OK is the zero value: a status that says nothing reports no error. */
function toVersionError(status: StatusProto | undefined): ModelVersionStatus["error"] {
  if (status === undefined || status.errorCode === 0) return undefined;
  return { code: toStatusName(status.errorCode) ?? "UNKNOWN", message: printable(status.errorMessage) };
}
