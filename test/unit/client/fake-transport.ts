import { createClientOver } from "../../../src/client/client.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { toSettings } from "../../../src/client/settings.ts";
import type { Logger } from "../../../src/contract/logger.ts";
import type { OperationName, RequestOf, ResponseOf } from "../../../src/contract/operations.ts";
import type { CallContext, Transport } from "../../../src/contract/transport.ts";
import { FakeClock } from "../policies/fake-clock.ts";

export interface SentCall {
  readonly operation: OperationName;
  readonly request: Record<string, unknown>;
  readonly context: CallContext;
}

type Answers = {
  [O in OperationName]?: (request: RequestOf<O>, context: CallContext) => Promise<ResponseOf<O>> | ResponseOf<O>;
};

/** A transport that answers with functions and keeps what it was asked. Replace an answer by assigning to it. */
export class FakeTransport implements Transport {
  readonly name: Transport["name"];
  readonly endpoint = "grpc://localhost:8500";
  readonly sent: SentCall[] = [];
  readonly answers: Answers;
  closed = 0;

  constructor(answers: Answers = {}, name: Transport["name"] = "grpc") {
    this.answers = answers;
    this.name = name;
  }

  readonly call: Transport["call"] = async (operation, request, context) => {
    this.sent.push({ operation, request: request as unknown as Record<string, unknown>, context });
    const answer = this.answers[operation] as
      | ((request: unknown, context: CallContext) => Promise<ResponseOf<typeof operation>>)
      | undefined;
    if (answer === undefined) throw new Error(`nobody answers ${operation}`);
    const record = (code: "OK" | "UNKNOWN") => {
      context.ledger.attempts.push({ attempt: 1, endpoint: this.endpoint, code, durationMs: 0 });
    };
    try {
      const response = await answer(request, context);
      record("OK");
      return response;
    } catch (error) {
      record("UNKNOWN");
      throw error;
    }
  };

  async close(): Promise<void> {
    this.closed++;
  }

  count(operation: OperationName): number {
    return this.sent.filter((call) => call.operation === operation).length;
  }
}

/** Hears of clients that a test leaves open, so that the process does not warn of them. */
const SILENT: Logger = { warn() {} };

/** A client over a fake transport and a clock that a test moves. */
export function setUp(answers: Answers = {}, options: ClientOptions = {}, name: Transport["name"] = "grpc") {
  const clock = new FakeClock();
  const transport = new FakeTransport(answers, name);
  const client = createClientOver(transport, toSettings({ logger: SILENT, ...options }, true, clock));
  return { clock, transport, client };
}

/** An answer that never comes. */
export const never = () => new Promise<never>(() => {});

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not reject");
}
