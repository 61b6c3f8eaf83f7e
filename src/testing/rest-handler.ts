import { gunzipSync } from "node:zlib";
import type { Example } from "../contract/example.ts";
import type { Code } from "../errors/code.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import type { CallDesk } from "./call-desk.ts";
import { noteServed, type OpenCall, summarize } from "./call-log.ts";
import type { CallScope } from "./call-scope.ts";
import { withContext } from "./examples.ts";
import { ConnectionReset, ReplyInstead } from "./faults.ts";
import type { RequestedModel } from "./requested-model.ts";
import { readRoute } from "./rest-route.ts";
import { invalid, ServerError, toServerError } from "./server-error.ts";
import type { ServingCore } from "./serving-core.ts";
import { DEFAULT_SIGNATURE } from "./signatures.ts";
import { readExamplesRequest } from "./wire/json-examples.ts";
import { readPredictRequest } from "./wire/json-predict-request.ts";
import { writePredictResponse } from "./wire/json-predict-response.ts";
import { writeClassifyResponse, writeErrorBody, writeRegressResponse } from "./wire/json-results.ts";
import { writeMetadataDocument, writeStatusDocument } from "./wire/proto-json.ts";

/** An HTTP request, read whole. */
export interface RestRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly cancellation: Cancellation;
}

export interface RestReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** End the connection after this many bytes of the body. */
  readonly cutAfterBytes?: number | undefined;
}

export interface RestHandlerOptions {
  /** Adds the CORS headers. */
  readonly cors: boolean;
  /** How long a model may run, in milliseconds. */
  readonly timeoutMs: number;
}

/** Every status as the HTTP one that the server sends for it. Three pairs fall together. */
const HTTP_STATUS: Readonly<Record<Code, number>> = {
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

const MAX_INFLATED_BYTES = 100 * 1024 * 1024;
const EMPTY = new Uint8Array(0);

/**
 * Answers one request as the server's REST API does. Knows no sockets: the HTTP server and the msw handlers share it.
 *
 * @throws ConnectionReset where a fault asks for it; the reason of the cancellation where that fires
 * @see tensorflow_serving/model_servers/http_rest_api_handler.cc, http_server.cc
 */
export async function answerRest(
  core: ServingCore,
  desk: CallDesk,
  request: RestRequest,
  options: RestHandlerOptions,
): Promise<RestReply> {
  const { method, target } = request;
  if (!/^\/v1\//i.test(target)) return htmlError(404, "Not Found");
  if (method === "TRACE") return htmlError(501, "Not Implemented");
  const headers = { "content-type": "application/json", ...(options.cors ? CORS_HEADERS : {}) };
  const scope: CallScope = {
    wire: "rest",
    headers: request.headers,
    runDeadlineAt: performance.now() + options.timeoutMs,
    cancellation: request.cancellation,
  };
  if (method === "OPTIONS") {
    const isCrossOrigin = /https?:\/\//.test(request.headers["origin"] ?? "");
    return desk.attend(undefined, nobody(""), {}, scope, () => ({
      status: isCrossOrigin ? 200 : 400,
      headers,
      body: EMPTY,
    }));
  }
  const route = readRoute(method, target);
  try {
    if (route.kind !== "route") {
      return await desk.attend(undefined, nobody(route.modelName), {}, scope, () => {
        throw route.kind === "malformed" ? invalid(`Malformed request: ${method} ${target}`) : new VersionOverflow();
      });
    }
    const requested: RequestedModel = { ...route.model, signatureName: "" };
    const body = await desk.attend(route.operation, requested, {}, scope, (call) => {
      const answer: RestCall = { core, scope, requested, body: readBody(request), call };
      switch (route.operation) {
        case "predict":
          return predict(answer);
        case "classify":
        case "regress":
          return inferExamples(answer, route.operation);
        case "getModelMetadata":
          return getModelMetadata(answer);
        default:
          return getModelStatus(answer);
      }
    });
    return { status: 200, headers, body };
  } catch (thrown) {
    return toFailedReply(thrown, headers, request.cancellation);
  }
}

const CORS_HEADERS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "POST, GET",
  "access-control-allow-headers": "Content-Type",
};

/** What libevent answers before the server itself sees a request. */
function htmlError(status: number, reason: string): RestReply {
  const body = `<HTML><HEAD>\n<TITLE>${status} ${reason}</TITLE>\n</HEAD><BODY>\n<H1>${reason}</H1>\n</BODY></HTML>\n`;
  return { status, headers: { "content-type": "text/html", connection: "close" }, body: Buffer.from(body) };
}

/** The server returns early here and leaves the body empty. */
class VersionOverflow extends ServerError {
  constructor() {
    super("INVALID_ARGUMENT", "");
  }
}

function toFailedReply(thrown: unknown, headers: RestReply["headers"], cancellation: Cancellation): RestReply {
  if (thrown instanceof ReplyInstead) {
    const { status, headers: own, body = "", cutAfterBytes } = thrown.reply;
    return { status, headers: own ?? {}, body: typeof body === "string" ? Buffer.from(body) : body, cutAfterBytes };
  }
  if (thrown instanceof VersionOverflow) return { status: 400, headers, body: EMPTY };
  if (cancellation.cancelled || thrown instanceof ConnectionReset) throw thrown;
  const { code, message } = toServerError(thrown);
  return { status: HTTP_STATUS[code], headers, body: writeErrorBody(message) };
}

function nobody(name: string): RequestedModel {
  return { name, version: undefined, versionLabel: undefined, signatureName: "" };
}

interface RestCall {
  readonly core: ServingCore;
  readonly scope: CallScope;
  readonly requested: RequestedModel;
  readonly body: Uint8Array;
  readonly call: OpenCall;
}

async function predict({ core, scope, requested, body, call }: RestCall): Promise<Uint8Array> {
  const read = readPredictRequest(body, (signatureName) => {
    call.signatureName = signatureName;
    const version = core.find(requested);
    const signature = version.signatures.get(signatureName || DEFAULT_SIGNATURE);
    if (signature) return signature.inputs;
    throw invalid(`Serving signature name: "${signatureName || DEFAULT_SIGNATURE}" not found in signature def`);
  });
  call.request = { inputs: summarize(read.inputs), format: read.format };
  const { answeredBy, outputs } = await core.predict(
    { ...requested, signatureName: read.signatureName },
    read.inputs,
    [],
    scope,
  );
  noteServed(call, answeredBy.version);
  return writePredictResponse(outputs, read.format);
}

async function inferExamples(
  { core, scope, requested, body, call }: RestCall,
  operation: "classify" | "regress",
): Promise<Uint8Array> {
  const read = readExamplesRequest(body);
  call.signatureName = read.signatureName;
  call.request = { examples: read.examples.length };
  const model = { ...requested, signatureName: read.signatureName };
  const examples: readonly Example[] = withContext(read.examples, read.context);
  if (operation === "classify") {
    const { answeredBy, classes } = await core.classify(model, examples, scope);
    noteServed(call, answeredBy.version);
    return writeClassifyResponse(classes);
  }
  const { answeredBy, values } = await core.regress(model, examples, scope);
  noteServed(call, answeredBy.version);
  return writeRegressResponse(values);
}

function getModelMetadata({ core, requested, call }: RestCall): Uint8Array {
  requireName(requested);
  const version = core.getModelMetadata(requested);
  noteServed(call, version.number);
  return writeMetadataDocument(version);
}

function getModelStatus({ core, requested }: RestCall): Uint8Array {
  requireName(requested);
  return writeStatusDocument(core.getModelStatus(requested));
}

function requireName({ name }: RequestedModel): void {
  if (name === "") throw invalid("Missing model name in request.");
}

/** Broken or too large gzip becomes an empty body, which then reads as an empty document. */
function readBody({ headers, body }: RestRequest): Uint8Array {
  if (!headers["content-encoding"]?.includes("gzip")) return body;
  try {
    return gunzipSync(body, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch {
    return EMPTY;
  }
}
