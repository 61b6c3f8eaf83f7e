import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { OperationName } from "../../src/contract/operations.ts";
import { type RetryFacts, retryFactsOf } from "../../src/errors/retry-facts.ts";
import type { ServingError } from "../../src/errors/serving-error.ts";
import { fromStatus } from "../../src/grpc/error.ts";
import { decideRetry } from "../../src/policies/retry-decision.ts";
import { fromReply } from "../../src/rest/error.ts";
import { readDocument } from "../../src/rest/reply.ts";
import { fromSocketError } from "../../src/rest/socket-error.ts";

interface GrpcFailure {
  readonly code: unknown;
  readonly details: unknown;
  readonly trailers?: Readonly<Record<string, string>>;
}

type RestFailure =
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly socket: { code?: string; name?: string; syscall?: string; wasIdle?: boolean } }
  | { readonly cutReply: string };

interface Row {
  readonly wire: "grpc" | "rest";
  readonly name: string;
  /** As it appears on the wire: what grpc-js, HTTP or undici say. */
  readonly failure: GrpcFailure | RestFailure;
  readonly error: { readonly code: string; readonly kind: string };
  /** What the call has behind it, where that is not nothing: an idempotent predict's first try at the only server. */
  readonly call?: {
    readonly operation?: OperationName;
    readonly idempotent?: boolean;
    readonly untried?: number;
    readonly earlier?: readonly RetryFacts["again"][];
    readonly attemptTimeout?: boolean;
    readonly canRenewAuth?: boolean;
  };
  readonly decision: "no" | { readonly again: string; readonly pace: string; readonly cost: number };
}

const rows = JSON.parse(readFileSync(new URL("../fixtures/retry-vectors.json", import.meta.url), "utf8")) as Row[];

function read(row: Row): ServingError {
  if (row.wire === "grpc") return readGrpc(row.failure as GrpcFailure);
  return readRest(row.failure as RestFailure);
}

function readGrpc({ code, details, trailers }: GrpcFailure): ServingError {
  const context = { endpoint: "grpc://h:8500", secure: false, maxMessageBytes: 4_194_304 };
  return fromStatus({ code: code ?? undefined, details }, context, trailers);
}

function readRest(failure: RestFailure): ServingError {
  if ("status" in failure) {
    const { status, body, headers = {} } = failure;
    return fromReply({ status, headers, body: Buffer.from(body), requestPath: "/v1/models/m:predict" });
  }
  if ("cutReply" in failure)
    return caught(() => readDocument({ body: Buffer.from(failure.cutReply), endedByClose: true }));
  const { wasIdle = false, ...said } = failure.socket;
  const error = Object.assign(new Error("failed"), said);
  return fromSocketError(error, { endpoint: "http://h:8501", anonymousTls: false, wasIdle });
}

function caught(work: () => unknown): ServingError {
  try {
    work();
  } catch (error) {
    return error as ServingError;
  }
  throw new Error("it did not throw");
}

describe("a failure as it appears on the wire", () => {
  it.each(rows.map((row) => [row.wire, row.name, row] as const))("%s: %s", (_wire, _name, row) => {
    const error = read(row);
    const call = { operation: "predict" as const, idempotent: true, untried: 0, earlier: [], ...row.call };
    const decision = decideRetry({
      error,
      facts: retryFactsOf(error),
      operation: call.operation,
      idempotent: call.idempotent,
      earlier: call.earlier,
      untried: call.untried,
      hadAttemptTimeout: call.attemptTimeout ?? false,
      canRenewAuth: call.canRenewAuth ?? false,
    });
    expect({ code: error.code, kind: error.kind, decision: decision ?? "no" }).toEqual({
      ...row.error,
      decision: row.decision,
    });
  });

  it("says that it is retryable where another try at the same server may help", () => {
    const untrue = rows.filter((row) => {
      if (row.decision === "no" || row.call?.attemptTimeout === true) return false;
      return read(row).retryable !== ["yes", "once"].includes(row.decision.again);
    });
    expect(untrue.map(({ wire, name }) => `${wire}: ${name}`)).toEqual([]);
  });

  it("is told apart from the others by its name", () => {
    const names = rows.map(({ wire, name }) => `${wire}: ${name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  it("of every kind of decision there is one on each wire", () => {
    for (const wire of ["grpc", "rest"]) {
      const reasons = new Set(
        rows.flatMap((row) =>
          row.wire === wire && row.decision !== "no" ? [row.decision.again, row.decision.pace] : [],
        ),
      );
      expect([...reasons].sort()).toEqual(["elsewhere", "normal", "now", "once", "renewed", "throttle", "yes"]);
    }
  });
});
