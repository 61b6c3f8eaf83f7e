import type { ModelHandle } from "../../../src/client/model-handle.ts";
import type { ServingClient } from "../../../src/client/serving-client.ts";
import type { CallOptions } from "../../../src/contract/call-options.ts";
import type { ModelMetadataResponse } from "../../../src/contract/model-metadata.ts";
import type { ModelVersionStatus } from "../../../src/contract/model-status.ts";
import type { Signature } from "../../../src/contract/signature.ts";
import type { HealthClock } from "../../../src/health/health-clock.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import type { TensorInput } from "../../../src/tensor/tensor-input.ts";

type Inputs = Readonly<Record<string, TensorInput>>;
type Outputs = Readonly<Record<string, Tensor>>;

export const HALF_PLUS_TWO: Signature = {
  methodName: "tensorflow/serving/predict",
  inputs: { x: { dtype: "float32", shape: [-1], tensorName: "x:0" } },
  outputs: { y: { dtype: "float32", shape: [-1], tensorName: "y:0" } },
};

export function floats(values: number[], shape = [values.length]): Tensor {
  return new Tensor("float32", shape, new Float32Array(values)) as Tensor;
}

/** A promise that nobody settles: a server that hangs, behind a client that does not give up either. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** What the server behind the fake client says. Each member may be changed between two checks. */
export class FakeServing {
  status: (options?: CallOptions) => Promise<readonly ModelVersionStatus[]> = async () => [
    { version: 1, state: "AVAILABLE" },
  ];
  metadata: () => Promise<ModelMetadataResponse> = async () => ({
    modelSpec: { name: "m", version: 1 },
    signatures: {},
  });
  signature: (options?: CallOptions) => Promise<Signature> = async () => HALF_PLUS_TWO;
  connect: () => Promise<void> = async () => {};
  predict: (inputs: Inputs, options?: CallOptions) => Promise<Outputs> = async () => ({ y: floats([2]) });
  /** Every request in order, with what it was asked with. */
  readonly asked: { readonly operation: string; readonly request: unknown }[] = [];

  count(operation: string): number {
    return this.asked.filter((entry) => entry.operation === operation).length;
  }

  /** Only what a health check uses: anything else would be a mistake and fails as one. */
  readonly client = {
    wire: "fake",
    endpoint: "fake://m",
    getModelStatus: async (request: unknown, options?: CallOptions) => {
      this.asked.push({ operation: "status", request });
      return { versions: await this.status(options) };
    },
    connect: async () => {
      this.asked.push({ operation: "connect", request: undefined });
      return this.connect();
    },
    getModelMetadata: async (request: unknown) => {
      this.asked.push({ operation: "metadata", request });
      return this.metadata();
    },
    model: (name: string, choice: unknown) => {
      this.asked.push({ operation: "model", request: { name, ...(choice as object) } });
      return {
        name,
        signature: async (options?: CallOptions) => this.signature(options),
        predict: async (inputs: Inputs, options?: CallOptions) => {
          this.asked.push({ operation: "predict", request: inputs });
          return { outputs: await this.predict(inputs, options), modelSpec: { name } };
        },
      } as unknown as ModelHandle;
    },
  } as unknown as ServingClient;
}

/** A clock moved by hand: timers fire when time passes them. */
export class FakeClock implements HealthClock {
  #now = 1_000;
  readonly #timers = new Map<object, { readonly at: number; readonly callback: () => void }>();

  now = () => this.#now;
  date = () => new Date(Date.UTC(2026, 0, 1) + this.#now);
  setTimeout = (callback: () => void, delayMs: number) => {
    const handle = {};
    this.#timers.set(handle, { at: this.#now + delayMs, callback });
    return handle;
  };
  clearTimeout = (handle: unknown) => {
    this.#timers.delete(handle as object);
  };

  get timers(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const [handle, timer] of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(handle);
      timer.callback();
    }
  }
}

/** Lets every promise that can settle now do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
