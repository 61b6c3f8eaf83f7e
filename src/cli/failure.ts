import { ServingError } from "../index.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import { toJson } from "./json-text.ts";
import { type Output, printable } from "./output.ts";

/** A failure as `--json` prints it: one line on stderr, so that stdout holds a command's own result or nothing. */
export interface FailureJson {
  readonly error: {
    readonly exitCode: ExitCode;
    /** The exit code's name: `usage`, `connect`, `rpc`, `unhealthy` or `inconclusive`. */
    readonly exit: string;
    readonly message: string;
    /** Of failed calls alone: one of the 16 gRPC names, and what stands in a `ServingError`. */
    readonly code?: string;
    readonly kind?: string;
    readonly operation?: string;
    readonly model?: string;
    readonly endpoint?: string;
    readonly retryable?: boolean;
    readonly hint?: string;
  };
}

/** Says what went wrong, for people or for programs, and what the process shall end with. */
export function reportFailure(error: unknown, output: Output, { json }: { readonly json: boolean }): ExitCode {
  const exitCode = exitCodeOf(error);
  if (json) {
    output.complain(toJson(failureJson(error, exitCode)));
    return exitCode;
  }
  // Messages quote the remote end, whose words could move the cursor or paint.
  output.complain(`${output.err.paint("bad", "tfserving:")} ${printable(messageOf(error))}`);
  const hint = hintOf(error);
  if (hint !== undefined) output.complain(output.err.paint("dim", hint));
  return exitCode;
}

function failureJson(error: unknown, exitCode: ExitCode): FailureJson {
  const exit = Object.keys(EXIT).find((name) => EXIT[name as keyof typeof EXIT] === exitCode) ?? "rpc";
  const about = { exitCode, exit, message: messageOf(error) };
  const hint = hintOf(error);
  const advice = hint === undefined ? {} : { hint };
  const call = callBehind(error);
  if (call === undefined) return { error: { ...about, ...advice } };
  const { code, kind, operation, model, endpoint, retryable } = call.toJSON();
  return {
    error: {
      ...about,
      code,
      kind,
      ...(operation !== undefined && { operation }),
      ...(model !== undefined && { model }),
      ...(endpoint !== undefined && { endpoint }),
      retryable,
      ...advice,
    },
  };
}

/** The failed call, also where a command has said in its own words what that means. */
function callBehind(error: unknown): ServingError | undefined {
  if (error instanceof ServingError) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof ServingError ? cause : undefined;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Which function of the library refused an argument is of no use on a command line.
  return error instanceof TypeError ? error.message.replace(CALLER, "") : error.message;
}

const CALLER = /^(?:create[A-Z]\w*|\w+(?:Memory|Inputs)|soak): /;

/** What to try next, where the message alone leaves somebody new at a loss. */
function hintOf(error: unknown): string | undefined {
  if (callBehind(error)?.message.includes("ECONNREFUSED")) {
    return "is the server running? One to try a client on: tfserving serve";
  }
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === "EADDRINUSE")
    return "another program listens there: --grpc-port and --rest-port choose others, 0 any free one";
  if (code === "EACCES")
    return "ports below 1024 are for privileged programs: --grpc-port and --rest-port choose others";
  return undefined;
}
