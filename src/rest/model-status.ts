import * as z from "zod/mini";
import type { ModelVersionState, ModelVersionStatus } from "../contract/model-status.ts";
import { CODE_NUMBERS, type StatusName, toStatusName } from "../errors/code.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import type { RestCodec } from "./codec.ts";
import { toModelPath, toVersion } from "./model-spec.ts";
import { peerText } from "./peer-text.ts";
import { enumValue, int64, message, readMessage } from "./protobuf-json.ts";

/** @see tensorflow_serving/apis/get_model_status.proto ModelVersionStatus.State */
const STATES: Readonly<Record<ModelVersionState, number>> = {
  UNKNOWN: 0,
  START: 10,
  LOADING: 20,
  AVAILABLE: 30,
  UNLOADING: 40,
  END: 50,
};

const REPLY = message({
  model_version_status: z.array(
    message({
      version: z.optional(int64),
      state: z.optional(enumValue),
      status: z.optional(message({ error_code: z.optional(enumValue), error_message: z.optional(z.string()) })),
    }),
  ),
});

/** `GET /v1/models/<name>[/versions/<n>]`. A label is refused: the server would ignore it and answer for all versions. */
export const modelStatus: RestCodec<"getModelStatus"> = {
  encode(request) {
    if (request.versionLabel !== undefined) {
      throw invalidArgument("getModelStatus: the server ignores labels here; ask for a version, or for all of them");
    }
    return { method: "GET", path: toModelPath(request), body: undefined };
  },

  decode(reply) {
    const { model_version_status: versions } = readMessage(reply, REPLY);
    return {
      versions: versions.map(({ version, state, status }): ModelVersionStatus => {
        const code = toCode(status?.error_code);
        const known = { version: toVersion(version ?? 0n), state: toState(state) };
        return code === "OK" ? known : { ...known, error: { code, message: peerText(status?.error_message ?? "") } };
      }),
    };
  },
};

/** A state that this library does not know is `UNKNOWN`. */
function toState(state: string | number | undefined): ModelVersionState {
  const names = Object.keys(STATES) as ModelVersionState[];
  return names.find((name) => name === state || STATES[name] === state) ?? "UNKNOWN";
}

function toCode(code: string | number | undefined): StatusName {
  if (code === undefined) return "OK";
  if (typeof code === "number") return toStatusName(code) ?? "UNKNOWN";
  return Object.hasOwn(CODE_NUMBERS, code) ? (code as StatusName) : "UNKNOWN";
}
