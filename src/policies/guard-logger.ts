import type { Logger } from "../contract/logger.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

type Write = NonNullable<Logger["debug"]>;

/**
 * A logger whose methods stand alone and never throw: what the given one throws or rejects with is dropped, since
 * telling about a call must not fail it. Methods that it lacks stay missing, so that nobody prepares what nobody reads.
 */
export function guardLogger(logger: Logger | undefined): Logger {
  const guarded: { [level in (typeof LEVELS)[number]]?: Write } = {};
  for (const level of LEVELS) {
    if (typeof logger?.[level] === "function") guarded[level] = guard(logger, level);
  }
  return guarded;
}

function guard(logger: Logger, level: (typeof LEVELS)[number]): Write {
  return (message, fields) => {
    try {
      const result: unknown = logger[level]?.(message, fields);
      if (result instanceof Promise) result.catch(() => {});
    } catch {}
  };
}
