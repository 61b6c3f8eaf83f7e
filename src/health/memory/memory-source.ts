/** What a memory source says of the process that it watches. */
export interface MemoryReading {
  /** Bytes in use. */
  readonly bytes: number;
  /** What the process may have at most; left out where there is no limit, or none that is its own. */
  readonly limitBytes?: number | undefined;
  /** When this was measured, in milliseconds since 1970. Left out: when it was read. */
  readonly timeMs?: number | undefined;
  /** How often the process was found to be a new one since the source was made. @default 0 */
  readonly resets?: number | undefined;
}

/** Where memory is read. A source holds no connection and no timer; it rejects where nothing can be read. */
export interface MemorySource {
  /** For reports: `process 4711`. Holds no credential. */
  readonly name: string;
  read(options: { readonly signal: AbortSignal }): Promise<MemoryReading>;
}

/** A source, or a function that returns bytes or a reading. */
export type MemoryInput =
  | MemorySource
  | ((options: { readonly signal: AbortSignal }) => number | MemoryReading | Promise<number | MemoryReading>);

export function toMemorySource(input: MemoryInput): MemorySource {
  if (typeof input !== "function") return input;
  return {
    name: "memory function",
    read: async (options) => {
      const found = await input(options);
      return typeof found === "object" ? found : { bytes: found };
    },
  };
}

export function isMemoryInput(value: unknown): value is MemoryInput {
  return typeof value === "function" || typeof (value as MemorySource | null | undefined)?.read === "function";
}
