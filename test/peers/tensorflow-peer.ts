import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type DType, type ServingClient, Tensor } from "../../src/index.ts";
import { startPeer } from "./peer-process.ts";
import { pythonOf } from "./python.ts";

/** A tensor as `tf_server.py` writes it down: base64 of its memory, or of each string. */
export interface PlainTensor {
  dtype: DType;
  shape: number[];
  data: string | string[];
}

/** One thing to ask, and what TensorFlow makes of it when no server is between. */
export interface PredictCase {
  signature: string;
  inputs: Record<string, PlainTensor>;
  outputs: Record<string, PlainTensor>;
}

export type PlainExample = Record<string, { int64: string[] } | { float: number[] } | { bytes: string[] }>;

export interface ExampleCase {
  examples: PlainExample[];
  context: PlainExample;
  classes: PlainTensor;
  scores: PlainTensor;
  sums: PlainTensor;
}

export interface PlainSpec {
  dtype: string;
  shape: number[] | null;
  tensorName: string;
}

export interface PlainSignature {
  methodName: string;
  inputs: Record<string, PlainSpec>;
  outputs: Record<string, PlainSpec>;
  defaults: string[];
}

/** By `model:version`. */
export interface TensorFlowAnswers {
  predictions: Record<string, PredictCase[]>;
  examples: ExampleCase[];
  signatures: Record<string, Record<string, PlainSignature>>;
}

export interface TensorFlowPeer {
  readonly address: string;
  readonly client: ServingClient;
  readonly answers: TensorFlowAnswers;
  close(): Promise<void>;
}

/** TensorFlow's runtime behind the official stubs, and our client in front of it. */
export async function startTensorFlow(...args: string[]): Promise<TensorFlowPeer> {
  const folder = mkdtempSync(join(tmpdir(), "tfserving-tensorflow-"));
  const server = await startPeer<{ address: string; answers: string }>(pythonOf("tensorflow"), "tf_server.py", [
    folder,
    ...args,
  ]);
  const address = `grpc://${server.ready.address}`;
  const client = createClient(address);
  return {
    address,
    client,
    answers: JSON.parse(readFileSync(server.ready.answers, "utf8")) as TensorFlowAnswers,
    async close() {
      await client.close();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

export function toTensor(plain: PlainTensor): Tensor {
  if (Array.isArray(plain.data)) {
    return new Tensor(
      "string",
      plain.shape,
      plain.data.map((item) => Uint8Array.from(Buffer.from(item, "base64"))),
    );
  }
  const bytes = Uint8Array.from(Buffer.from(plain.data, "base64"));
  return new Tensor(plain.dtype, plain.shape, new ARRAYS[plain.dtype as keyof typeof ARRAYS](bytes.buffer) as never);
}

/** The inverse of {@link toTensor}, bit for bit: NaN and minus zero stay what they are. */
export function toPlain(tensor: Tensor): PlainTensor {
  const { dtype, data } = tensor;
  const shape = [...tensor.shape];
  if (!ArrayBuffer.isView(data))
    return { dtype, shape, data: data.map((item) => Buffer.from(item).toString("base64")) };
  return { dtype, shape, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64") };
}

/** Written down here once more, so that a slip in the library's own table shows. */
const ARRAYS = {
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  complex64: Float32Array,
  complex128: Float64Array,
};
