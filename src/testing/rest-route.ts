import type { OperationName } from "../contract/operations.ts";
import type { RequestedModel } from "./requested-model.ts";

const PREDICTION = /^\/v1\/models\/([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?:(classify|regress|predict)$/i;
const STATUS = /^\/v1\/models(?:\/([^/:]+))?(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?:\/(metadata))?$/i;
const MAX_VERSION = 2n ** 63n - 1n;

/**
 * What a request line asks for.
 *
 * - `versionOverflow`: the version is beyond int64, which the server answers with an empty body
 * - `malformed`: no route, or a verb that is not in lower case
 */
export type RestRoute =
  | { readonly kind: "route"; readonly operation: OperationName; readonly model: Omit<RequestedModel, "signatureName"> }
  | { readonly kind: "malformed"; readonly modelName: string }
  | { readonly kind: "versionOverflow"; readonly modelName: string };

/**
 * Reads method and target by the server's grammar. The query string is part of what is matched, literal words match
 * in any case, and names are percent-decoded after matching.
 *
 * @see tensorflow_serving/model_servers/http_rest_api_util.cc ParseModelInfo
 */
export function readRoute(method: string, target: string): RestRoute {
  const match = method === "POST" ? PREDICTION.exec(target) : method === "GET" ? STATUS.exec(target) : null;
  if (match === null) return { kind: "malformed", modelName: "" };
  const [, encodedName = "", version, encodedLabel, word] = match;
  const name = decode(encodedName);
  if (version !== undefined && BigInt(version) > MAX_VERSION) return { kind: "versionOverflow", modelName: name };
  const operation = method === "POST" ? toVerb(word) : word === "metadata" ? "getModelMetadata" : "getModelStatus";
  if (operation === undefined) return { kind: "malformed", modelName: name };
  return {
    kind: "route",
    operation,
    model: {
      name,
      version: version === undefined ? undefined : BigInt(version),
      versionLabel: encodedLabel === undefined ? undefined : decode(encodedLabel),
    },
  };
}

function toVerb(word: string | undefined): OperationName | undefined {
  return word === "predict" || word === "classify" || word === "regress" ? word : undefined;
}

/** Percent signs that begin no byte stay as they are; bytes that are no UTF-8 become U+FFFD. */
function decode(encoded: string): string {
  const bytes = encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
