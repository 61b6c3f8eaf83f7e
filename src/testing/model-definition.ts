import type { Classification } from "../contract/classify.ts";
import type { Example } from "../contract/example.ts";
import type { Version } from "../contract/model-spec.ts";
import type { VersionPolicy } from "../contract/reload-config.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";

/** Which way a call came in. `fake` is the client without sockets. */
export type Wire = "grpc" | "rest" | "fake";

/** One input or output of a signature, in the form that `getModelMetadata` returns. */
export interface TensorSpecDefinition {
  /** One of this library's dtypes, or a server's own such as `DT_RESOURCE`, which no call can then fill. */
  readonly dtype: string;
  /** `null` where the rank is not known; -1 is a free dimension. Told to clients, not enforced: nor does the server. */
  readonly shape: readonly number[] | null;
  /** @default a name such as TensorFlow would give */
  readonly tensorName?: string | undefined;
}

/** What a model can be asked, in the form that `getModelMetadata` returns. */
export interface SignatureDefinition {
  /** @default by form: `…/classify` or `…/regress` for a lone input `inputs` with their outputs, else `…/predict` */
  readonly methodName?: string | undefined;
  readonly inputs: Readonly<Record<string, TensorSpecDefinition>>;
  readonly outputs: Readonly<Record<string, TensorSpecDefinition>>;
  /**
   * Inputs that a gRPC request may leave out, and what is used then. Where names alone are given, it is a zero.
   * REST cannot leave any out: the server's JSON reader wants all of them.
   */
  readonly defaults?: readonly string[] | Readonly<Record<string, TensorInput>> | undefined;
}

/** What a model function is told besides its inputs. */
export interface RunInfo {
  readonly model: string;
  readonly version: Version;
  /** Resolved: `serving_default` where the request named none. */
  readonly signatureName: string;
  readonly wire: Wire;
  /** gRPC metadata or HTTP headers of the request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export type MaybePromise<T> = T | Promise<T>;

/**
 * One version of a model. A function that throws a `ServingError` fails the call with its code and text, as a kernel
 * would; anything else thrown is INTERNAL.
 */
export interface VersionDefinition {
  readonly signatures: Readonly<Record<string, SignatureDefinition>>;
  /**
   * Inputs by name, defaults filled in. Has to return each output of the signature and no other; what is no tensor is
   * made one of the dtype that the signature says.
   */
  readonly predict?:
    | ((inputs: Readonly<Record<string, Tensor>>, info: RunInfo) => MaybePromise<Readonly<Record<string, TensorInput>>>)
    | undefined;
  /** One list of classes for each example. Features of the context are already in each example. */
  readonly classify?:
    | ((examples: readonly Example[], info: RunInfo) => MaybePromise<readonly (readonly Classification[])[]>)
    | undefined;
  /** One number for each example. */
  readonly regress?: ((examples: readonly Example[], info: RunInfo) => MaybePromise<readonly number[]>) | undefined;
  /** Runs while the version is LOADING; it becomes AVAILABLE when this is done, or END with the error thrown. */
  readonly load?: (() => MaybePromise<void>) | undefined;
}

/** The versions found in one base path, by number. */
export type VersionDirectory = Readonly<Record<string, VersionDefinition>>;

/** A model as it is configured when the server starts. Its base path is `/models/` and its name. */
export interface ModelDefinition {
  readonly versions: VersionDirectory;
  /** @default `{ latest: 1 }`, as the server's: of several versions only the highest is loaded */
  readonly versionPolicy?: VersionPolicy | undefined;
  /** Label to version. Unlike a reload, the start may label whatever it has loaded. */
  readonly labels?: Readonly<Record<string, Version>> | undefined;
  /** How long each run takes, in milliseconds; counts against the caller's deadline. @default 0 */
  readonly latencyMs?: number | undefined;
}
