import { describe, expect, it } from "vitest";
import type { Logger } from "../../../src/contract/logger.ts";
import type { Call } from "../../../src/contract/transport.ts";
import { extendMessage } from "../../../src/errors/annotate.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { guardLogger } from "../../../src/policies/guard-logger.ts";
import { guardTransport } from "../../../src/policies/guard-transport.ts";
import { mergeHeaders, NO_HEADERS } from "../../../src/policies/headers.ts";
import { refuseClearCredentials } from "../../../src/policies/refuse-clear-credentials.ts";
import { newContext } from "./call-context.ts";
import { turn } from "./fake-clock.ts";

const request = { model: "m" };
const throwing = (error: unknown) =>
  (() => {
    throw error;
  }) as Call;

describe("guardTransport", () => {
  it("lets a ServingError and the reason of the cancellation through", async () => {
    const error = new ServingError("gone", { code: "NOT_FOUND", kind: "not_found" });
    await expect(guardTransport("grpc")(throwing(error))("getModelStatus", request, newContext())).rejects.toBe(error);
    const context = newContext();
    const reason = new Error("aborted");
    const call = (async () => {
      context.cancellation.cancel(reason);
      throw reason;
    }) as Call;
    await expect(guardTransport("grpc")(call)("getModelStatus", request, context)).rejects.toBe(reason);
  });

  it("makes anything else a ServingError that does not repeat its text", async () => {
    const cause = new TypeError("bad value: SECRET");
    const failing = guardTransport("rest")(throwing(cause))("getModelStatus", request, newContext());
    await expect(failing).rejects.toMatchObject({
      code: "INTERNAL",
      message: "[INTERNAL] the rest transport failed in an unexpected way",
      cause,
    });
  });

  it("writes down what a try failed with, without what was added behind it, and where it went", async () => {
    const context = newContext({ attempt: 2 });
    const { ledger } = context;
    ledger.endpoint = "grpc://c:1";
    const fails = (error: ServingError) =>
      expect(guardTransport("grpc")(throwing(error))("getModelStatus", request, context)).rejects.toBe(error);
    const gone = new ServingError("gone", { code: "UNAVAILABLE", kind: "unavailable" });
    extendMessage(gone, "; none of the 3 replicas answers");
    await fails(gone);
    await fails(new ServingError("no", { code: "INTERNAL", kind: "internal", endpoint: "grpc://b:1" }));
    ledger.attempts.push({ attempt: 2, endpoint: "grpc://a:1", code: "INTERNAL", durationMs: 1 });
    await fails(new ServingError("no", { code: "INTERNAL", kind: "internal", endpoint: "grpc://b:1" }));
    expect(ledger.faults).toEqual([
      { endpoint: "grpc://c:1", code: "UNAVAILABLE", message: "gone" },
      { endpoint: "grpc://b:1", code: "INTERNAL", message: "no" },
      { endpoint: "grpc://a:1", code: "INTERNAL", message: "no" },
    ]);
  });

  it("does not let a call begin that has been cancelled", async () => {
    const context = newContext();
    context.cancellation.cancel("over");
    await expect(guardTransport("grpc")(throwing(new Error("sent")))("getModelStatus", request, context)).rejects.toBe(
      "over",
    );
  });
});

describe("refuseClearCredentials", () => {
  const ok = (async () => ({ versions: [] })) as Call;

  it("refuses a credential and does not show it", async () => {
    const headers = mergeHeaders(NO_HEADERS, { Authorization: "Bearer SECRET" });
    const failing = refuseClearCredentials()(ok)("getModelStatus", request, newContext({ headers }));
    await expect(failing).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      rawMessage:
        'header "authorization" would travel unencrypted: use grpcs: or https:, or allow it with allowInsecureCredentials',
    });
  });

  it("lets other headers through", async () => {
    const headers = mergeHeaders(NO_HEADERS, { "x-tenant": "a" });
    await expect(
      refuseClearCredentials()(ok)("getModelStatus", request, newContext({ headers })),
    ).resolves.toBeDefined();
  });
});

describe("guardLogger", () => {
  it("drops what a logger throws or rejects with", async () => {
    const logger = {
      debug: () => {
        throw new Error("no");
      },
      warn: () => Promise.reject(new Error("no")),
    } as Logger;
    const guarded = guardLogger(logger);
    guarded.debug?.("a");
    guarded.warn?.("b");
    await turn();
  });

  it("keeps the logger's own this, and has only the methods that the logger has", () => {
    const logger = {
      lines: [] as string[],
      info(message: string) {
        this.lines.push(message);
      },
    };
    const { info, debug } = guardLogger(logger);
    info?.("hello");
    expect(logger.lines).toEqual(["hello"]);
    expect(debug).toBeUndefined();
    expect(guardLogger(undefined)).toEqual({});
  });
});
