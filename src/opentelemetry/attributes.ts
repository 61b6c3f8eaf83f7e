import type { Attributes } from "@opentelemetry/api";
import type { AttemptStarted, CallIdentity } from "../contract/call-event.ts";
import type { OperationName } from "../contract/operations.ts";
import { CODE_NUMBERS, type StatusName } from "../errors/code.ts";
import { RPC_METHODS } from "./rpc-method.ts";

/**
 * Which names attributes and metrics have: `stable` those of the semantic conventions for RPC as they stand, `both` also
 * the ones before them, which many dashboards still read.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/
 */
export type Conventions = "stable" | "both";

/** What a call is. */
export function callAttributes({ operation, model, wire }: CallIdentity, conventions: Conventions): Attributes {
  const { service } = RPC_METHODS[operation];
  const system = wire === "grpc" ? "grpc" : "tensorflow_serving";
  return {
    "rpc.system.name": system,
    ...methodAttributes(operation),
    ...(conventions === "both" ? { "rpc.system": system, "rpc.service": service } : {}),
    ...(model === undefined ? {} : { "tfserving.model.name": model }),
  };
}

/** Which method it is, by its full name. */
export function methodAttributes(operation: OperationName): Attributes {
  const { service, method } = RPC_METHODS[operation];
  return { "rpc.method": `${service}/${method}` };
}

/** What a request asks for beside its model. Versions as text: they go beyond what a number holds. */
export function choiceAttributes({ version, versionLabel, signatureName }: AttemptStarted): Attributes {
  return {
    ...(version === undefined ? {} : { "tfserving.model.version": String(version) }),
    ...(versionLabel === undefined ? {} : { "tfserving.model.version_label": versionLabel }),
    ...(signatureName === undefined ? {} : { "tfserving.signature.name": signatureName }),
  };
}

/** How something ended. */
export function outcomeAttributes(
  { wire }: CallIdentity,
  { code, kind }: { readonly code: StatusName; readonly kind: string | undefined },
  conventions: Conventions,
): Attributes {
  return {
    "rpc.response.status_code": code,
    ...(conventions === "both" && wire === "grpc" ? { "rpc.grpc.status_code": CODE_NUMBERS[code] } : {}),
    ...(code === "OK" ? {} : { "error.type": code }),
    ...(kind === undefined ? {} : { "tfserving.error.kind": kind }),
  };
}

/** What HTTP said beneath, where it did. */
export function statusAttributes(httpStatus: number | undefined): Attributes {
  return httpStatus === undefined ? {} : { "http.response.status_code": httpStatus };
}

const PLACES = new Map<string, Attributes>();
/** Endpoints come and go with the addresses of a name. */
const MOST_PLACES = 256;

/** `server.address` and `server.port` of an address as events give it: a host and its port, or the path of a unix socket alone. */
export function serverAttributes(endpoint: string): Attributes {
  const known = PLACES.get(endpoint);
  if (known !== undefined) return known;
  const read = readPlace(endpoint);
  if (PLACES.size >= MOST_PLACES) PLACES.clear();
  PLACES.set(endpoint, read);
  return read;
}

function readPlace(endpoint: string): Attributes {
  const [, scheme = "", rest = ""] = /^([a-z+]+):\/\/(.*)$/s.exec(endpoint) ?? [];
  if (scheme.endsWith("+unix")) return { "server.address": rest };
  const [, ipv6, host, port] = /^(?:\[([^\]]+)\]|([^/:,]+))(?::(\d+))?(?:\/|$)/.exec(rest) ?? [];
  const address = ipv6 ?? host;
  if (address === undefined) return {};
  return { "server.address": address, ...(port === undefined ? {} : { "server.port": Number(port) }) };
}
