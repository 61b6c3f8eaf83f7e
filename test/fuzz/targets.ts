import { OPERATIONS, type OperationName, type RequestOf, type ResponseOf } from "../../src/contract/operations.ts";
import type { Signature } from "../../src/contract/signature.ts";
import { ServingError } from "../../src/errors/serving-error.ts";
import type { Codec } from "../../src/grpc/codec.ts";
import { createCodecs } from "../../src/grpc/codecs.ts";
import type { RestCodec } from "../../src/rest/codec.ts";
import { CODECS as REST } from "../../src/rest/codecs.ts";
import { fromReply } from "../../src/rest/error.ts";
import { grpcSeeds } from "./grpc-seeds.ts";
import { HEALTH_TARGETS } from "./health-targets.ts";
import { type Reader, restSeeds } from "./rest-seeds.ts";
import { LIMIT_BYTES, type Target } from "./target.ts";

const GRPC = createCodecs();

/** As many as the seeds have results for. */
const EXAMPLES = [{ features: new Map() }, { features: new Map() }];

const REQUESTS: { readonly [O in OperationName]: RequestOf<O> } = {
  predict: { model: "m", inputs: {} },
  classify: { model: "m", examples: EXAMPLES },
  regress: { model: "m", examples: EXAMPLES },
  multiInference: {
    model: "m",
    tasks: [
      { signatureName: "c", method: "classify" },
      { signatureName: "r", method: "regress" },
    ],
    examples: EXAMPLES,
  },
  getModelStatus: { model: "m" },
  getModelMetadata: { model: "m" },
  reloadConfig: { config: { models: [] } },
};

/** Reading a reply takes no more than twice the limit of the reply. */
const allowanceBytes = () => 2 * LIMIT_BYTES;

/**
 * Control replies become trees of objects: up to 155 times their bytes were seen. They have a limit of their own, 512 KiB,
 * so that 256 times as much is no more than twice the 64 MiB that replies are limited to.
 */
const treeAllowanceBytes = (inputBytes: number) => Math.max(allowanceBytes(), 256 * inputBytes);

function allowanceOf(operation: OperationName): Target["allowanceBytes"] {
  return OPERATIONS[operation].group === "control" ? treeAllowanceBytes : allowanceBytes;
}

/** Two outputs, and one alone: both ways to answer. */
const SIGNATURES: readonly (Signature | undefined)[] = [
  undefined,
  signature({ y: "float32" }),
  signature({ y: "int64", s: "string", b: "bool", d: "float64" }),
];

export const TARGETS: readonly Target[] = [
  ...(Object.keys(GRPC) as OperationName[]).map(grpcTarget),
  ...(["predict", "classify", "regress", "getModelStatus", "getModelMetadata"] as const).map(restTarget),
  {
    name: "rest-failure",
    dialect: "json",
    seeds: restSeeds("failure"),
    // Whatever the status and the text stand for.
    kinds: [
      ...(["unavailable", "overloaded", "timeout", "cancelled", "too_large", "protocol", "auth", "not_found"] as const),
      ...(["invalid", "precondition", "unsupported", "internal", "truncated", "decode"] as const),
    ],
    allowanceBytes,
    read(bytes) {
      // The first byte chooses what a body has no say in.
      const status = [301, 400, 404, 409, 413, 429, 500, 502, 503, 504][(bytes[0] ?? 0) % 10]!;
      const error = fromReply({ status, headers: {}, body: bytes.subarray(1), requestPath: "/v1/models/m:predict" });
      if (!(error instanceof ServingError)) return error;
      throw error;
    },
  },
  ...HEALTH_TARGETS,
];

function grpcTarget<O extends OperationName>(operation: O): Target {
  const codec: Codec<O> = GRPC[operation];
  return {
    name: `grpc-${operation}`,
    dialect: "protobuf",
    seeds: grpcSeeds(operation),
    kinds: ["decode", "too_large", "internal"],
    allowanceBytes: allowanceOf(operation),
    read: (bytes) => codec.decode(bytes, REQUESTS[operation], { maxMessageBytes: LIMIT_BYTES }),
  };
}

function restTarget<O extends OperationName & Reader>(operation: O): Target {
  const codec: RestCodec<O> = REST[operation];
  return {
    name: `rest-${operation}`,
    dialect: "json",
    seeds: restSeeds(operation),
    kinds: ["decode", "too_large", "truncated", "internal"],
    allowanceBytes: allowanceOf(operation),
    read(bytes) {
      // What the reply has no say in is chosen by its length, so that an input alone says all.
      const context = {
        format: "columnar",
        signature: SIGNATURES[bytes.length % 3],
        maxMessageBytes: LIMIT_BYTES,
      } as const;
      const reply = { body: bytes, endedByClose: bytes.length % 2 === 0 };
      const response: ResponseOf<O> = codec.decode(reply, REQUESTS[operation], context);
      return response;
    },
  };
}

function signature(outputs: Readonly<Record<string, string>>): Signature {
  const specs = Object.entries(outputs).map(([name, dtype]) => [name, { dtype, shape: [-1], tensorName: "" }] as const);
  return { methodName: "tensorflow/serving/predict", inputs: {}, outputs: Object.fromEntries(specs) };
}
