import type { Version } from "../contract/model-spec.ts";
import type { OperationName } from "../contract/operations.ts";
import type { StatusName } from "../errors/code.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Wire } from "./model-definition.ts";
import { toRecord } from "./signatures.ts";
import { toVersion } from "./version-number.ts";

/** The dtype and shape of a tensor that a call carried. Never its elements. */
export interface TensorSummary {
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** What a call asked, without payloads. */
export interface RequestSummary {
  /** Of predict: by input name. */
  readonly inputs?: Readonly<Record<string, TensorSummary>>;
  /** Of a REST predict. */
  readonly format?: "columnar" | "row";
  readonly outputFilter?: readonly string[];
  /** Of classify, regress and multiInference: how many. */
  readonly examples?: number;
  /** Of multiInference. */
  readonly tasks?: readonly { readonly signatureName: string; readonly methodName: string }[];
  /** Of reloadConfig: the names of its models. */
  readonly models?: readonly string[];
}

/** One call that reached the server, in the order of arrival. */
export interface RecordedCall {
  readonly wire: Wire;
  /** `undefined` for a REST request that no route takes. */
  readonly operation: OperationName | undefined;
  /** As the request names it; `""` where it names none. */
  readonly model: string;
  /** As the request names it. */
  readonly version: Version | undefined;
  readonly versionLabel: string | undefined;
  /** As the request names it; `""` for the default one. */
  readonly signatureName: string;
  /** gRPC metadata or HTTP headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Filled in when the request has been read; empty where it could not be. */
  readonly request: RequestSummary;
  /** `undefined` while the call is under way, and for good when the client left or the connection was reset. */
  readonly code: StatusName | undefined;
  /** The version that answered. */
  readonly servedVersion: Version | undefined;
}

/** A record that is still being written. */
export type OpenCall = { -readonly [K in keyof RecordedCall]: RecordedCall[K] };

/** The latest calls: a server under load must not keep every one it ever had. */
export class CallLog {
  static readonly limit = 10_000;
  #calls: OpenCall[] = [];

  get calls(): readonly RecordedCall[] {
    return this.#calls;
  }

  open(call: OpenCall): void {
    this.#calls.push(call);
    // In one go and not call by call, because moving the rest down costs as much for one as for many.
    if (this.#calls.length >= 2 * CallLog.limit) this.#calls = this.#calls.slice(-CallLog.limit);
  }

  clear(): void {
    this.#calls = [];
  }
}

/** The dtype and shape of each tensor that could be read. */
export function summarize(inputs: ReadonlyMap<string, Tensor | undefined>): Readonly<Record<string, TensorSummary>> {
  const read = [...inputs].filter((entry): entry is [string, Tensor] => entry[1] !== undefined);
  return toRecord(read.map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
}

export function noteServed(call: OpenCall, version: bigint): void {
  call.servedVersion = toVersion(version);
}
