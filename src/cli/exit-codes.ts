import { ServingError } from "../index.ts";

/** What the process ends with: one number a kind of outcome, so that scripts can branch. */
export const EXIT = {
  ok: 0,
  /** A wrong argument: nothing was tried. */
  usage: 1,
  /** No connection, or no server of this kind behind it. */
  connect: 2,
  /** The server answered with an error, or could not do its work. */
  rpc: 3,
  /** The server answers, and is not as it should be. */
  unhealthy: 4,
  /** Nothing was found out. */
  inconclusive: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What was looked at is not as it should be: the answer to a check, not a failure to make one. */
export class CheckFailed extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, { exitCode = EXIT.unhealthy, cause }: CheckFailedOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

interface CheckFailedOptions {
  /** @default EXIT.unhealthy */
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

const NO_CONNECTION: readonly string[] = ["unavailable", "tls", "protocol"];

/** The exit code for a failure: a `TypeError` is a wrong argument, a listener that cannot open is a failed connection. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ServingError) return NO_CONNECTION.includes(error.kind) ? EXIT.connect : EXIT.rpc;
  if (error instanceof CheckFailed) return error.exitCode;
  if (error instanceof TypeError) return EXIT.usage;
  return isSocketError(error) ? EXIT.connect : EXIT.rpc;
}

function isSocketError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
