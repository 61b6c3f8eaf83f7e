import type { ErrorKind } from "../../src/errors/kind.ts";

/** A language that inputs are written in. */
export type Dialect = "protobuf" | "json" | "metrics" | "config";

/** A reader of bytes that a peer sent. */
export interface Target {
  readonly name: string;
  /** What inputs made from nothing are written in. */
  readonly dialect: Dialect;
  /** Inputs to begin with, most of them well formed. */
  readonly seeds: readonly Buffer[];
  /** How it may fail. */
  readonly kinds: readonly ErrorKind[];
  /** Errors of another class that it may fail with. */
  readonly mayFailWith?: (error: unknown) => boolean;
  /** The memory that reading so many bytes may take. */
  allowanceBytes(inputBytes: number): number;
  /** Reads an input; throws what the reader throws. */
  read(bytes: Buffer): unknown;
}

/** What replies are read with, far above any input's size. */
export const LIMIT_BYTES = 1 << 20;
