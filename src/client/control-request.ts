import type { ModelMetadataRequest } from "../contract/model-metadata.ts";
import type { ModelStatusRequest } from "../contract/model-status.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { checkKeys } from "./check-keys.ts";
import { toModelChoice } from "./check-model-choice.ts";

const KEYS = ["model", "version", "versionLabel"];

/**
 * Checks what `getModelStatus` is asked.
 *
 * @throws ServingError (INVALID_ARGUMENT), for a label too
 * @see tensorflow_serving/model_servers/get_model_status_impl.cc, which reads name and version and no label
 */
export function toModelStatusRequest(request: ModelStatusRequest): ModelStatusRequest {
  checkKeys(request, KEYS, "getModelStatus: the request");
  const choice = toModelChoice(request, "getModelStatus");
  if (choice.versionLabel === undefined) return choice;
  throw invalidArgument(
    "getModelStatus: versionLabel cannot be asked for: the server ignores it and answers for all versions; name a version, or ask getModelMetadata which version a label stands for",
  );
}

/** Checks what `getModelMetadata` is asked. @throws ServingError (INVALID_ARGUMENT) */
export function toModelMetadataRequest(request: ModelMetadataRequest): ModelMetadataRequest {
  checkKeys(request, KEYS, "getModelMetadata: the request");
  return toModelChoice(request, "getModelMetadata");
}
