import type { OperationName } from "../contract/operations.ts";
import type { StatusName } from "../errors/code.ts";
import { CallLog, type OpenCall, type RequestSummary } from "./call-log.ts";
import type { CallScope } from "./call-scope.ts";
import { ConnectionReset, Faults, ReplyInstead } from "./faults.ts";
import type { RequestedModel } from "./requested-model.ts";
import { toServerError } from "./server-error.ts";
import { toVersion } from "./version-number.ts";

/** A call that ended, as the metrics count it. */
export interface EndedCall {
  readonly wire: "grpc" | "rest" | "fake";
  readonly operation: OperationName | undefined;
  readonly model: string;
  readonly code: StatusName;
  readonly durationMs: number;
}

/**
 * Where every call passes on its way in, on every wire: it is written down, meets the faults that were put in, and is
 * counted at its end.
 */
export class CallDesk {
  readonly log = new CallLog();
  readonly faults = new Faults();
  onEnd: ((call: EndedCall) => void) | undefined;

  /** Runs `work` unless a fault comes first. What it throws is what the wire has to answer. */
  async attend<T>(
    operation: OperationName | undefined,
    requested: RequestedModel,
    request: RequestSummary,
    scope: CallScope,
    work: (call: OpenCall) => Promise<T> | T,
  ): Promise<T> {
    const startedAt = performance.now();
    const call: OpenCall = {
      wire: scope.wire,
      operation,
      model: requested.name,
      version: requested.version === undefined ? undefined : toVersion(requested.version),
      versionLabel: requested.versionLabel,
      signatureName: requested.signatureName,
      headers: scope.headers,
      request,
      code: undefined,
      servedVersion: undefined,
    };
    this.log.open(call);
    try {
      await this.faults.strike(call, scope.cancellation);
      const result = await work(call);
      call.code = "OK";
      return result;
    } catch (thrown) {
      const isAnswered = !scope.cancellation.cancelled && !(thrown instanceof ConnectionReset);
      if (isAnswered && !(thrown instanceof ReplyInstead)) call.code = toServerError(thrown).code;
      throw thrown;
    } finally {
      if (call.code !== undefined) {
        const { wire, model, code } = call;
        this.onEnd?.({ wire, operation, model, code, durationMs: performance.now() - startedAt });
      }
    }
  }

  clear(): void {
    this.log.clear();
    this.faults.clear();
  }
}
