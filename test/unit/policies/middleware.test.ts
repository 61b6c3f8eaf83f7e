import { describe, expect, it } from "vitest";
import type { Middleware, MiddlewareCall } from "../../../src/contract/middleware.ts";
import type { OperationName } from "../../../src/contract/operations.ts";
import type { Call, CallContext } from "../../../src/contract/transport.ts";
import { middleware } from "../../../src/policies/middleware.ts";
import { newContext } from "./call-context.ts";
import { turn } from "./fake-clock.ts";

const request = { model: "m" };

function wire() {
  const calls: { request: unknown; context: CallContext }[] = [];
  const call = (async (_operation, asked, context) => {
    calls.push({ request: asked, context });
    return { versions: [] };
  }) as Call;
  return { calls, call };
}

function run(list: Middleware[], call: Call, context = newContext()) {
  return middleware(list, "grpc://localhost:8500")(call)("getModelStatus", request, context);
}

describe("middleware", () => {
  it("puts the first of the list outermost", async () => {
    const order: string[] = [];
    const named =
      (name: string): Middleware =>
      async (call, next) => {
        order.push(`${name} in`);
        const answer = await next(call);
        order.push(`${name} out`);
        return answer;
      };
    await run([named("a"), named("b")], wire().call);
    expect(order).toEqual(["a in", "b in", "b out", "a out"]);
  });

  it("shows the call: operation, request, headers, the caller's signal, where it goes", async () => {
    const { signal } = new AbortController();
    let seen: MiddlewareCall | undefined;
    const look: Middleware = (call, next) => {
      seen = call;
      return next(call);
    };
    await run([look], wire().call, newContext({ signal }));
    expect(seen).toEqual({
      operation: "getModelStatus",
      request,
      headers: {},
      signal,
      endpoint: "grpc://localhost:8500",
    });
  });

  it("can change the request and the headers", async () => {
    const { calls, call } = wire();
    const change: Middleware = (given, next) =>
      next({ ...given, request: { model: "other" }, headers: { ...given.headers, "X-Trace": "1" } } as MiddlewareCall);
    await run([change], call);
    expect(calls[0]?.request).toEqual({ model: "other" });
    expect({ ...calls[0]?.context.headers }).toEqual({ "x-trace": "1" });
  });

  it("can answer by itself", async () => {
    const { calls, call } = wire();
    await expect(run([async () => ({ versions: [] })], call)).resolves.toEqual({ versions: [] });
    expect(calls).toEqual([]);
  });

  it("can try again", async () => {
    const { calls, call } = wire();
    const twice: Middleware = async (given, next) => {
      await next(given);
      return next(given);
    };
    await run([twice], call);
    expect(calls).toHaveLength(2);
  });

  it("throws what it throws, at once or later", async () => {
    const failure = new Error("mine");
    const sync: Middleware = () => {
      throw failure;
    };
    await expect(run([sync], wire().call)).rejects.toBe(failure);
    await expect(run([() => Promise.reject(failure)], wire().call)).rejects.toBe(failure);
  });

  it("is refused an answer that is none, a header that cannot be, another operation", async () => {
    const { calls, call } = wire();
    await expect(run([(async () => undefined) as unknown as Middleware], call)).rejects.toMatchObject({
      code: "INTERNAL",
      rawMessage: "a middleware answered getModelStatus with undefined",
    });
    const badHeader: Middleware = (given, next) => next({ ...given, headers: { "x-a": "secret\n" } });
    await expect(run([badHeader], call)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      rawMessage: 'middleware: header "x-a" may hold visible ASCII characters, spaces and tabs only',
    });
    const other: Middleware = (given, next) => next({ ...given, operation: "predict" } as unknown as MiddlewareCall);
    await expect(run([other], call)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(calls).toEqual([]);
  });

  it.each<[OperationName, object, string]>([
    ["predict", { outputs: {} }, "predict without modelSpec: an answer to it has outputs and modelSpec"],
    ["predict", { modelSpec: { name: "m" } }, "predict without outputs: an answer to it has outputs and modelSpec"],
    ["classify", { results: null }, "classify without results: an answer to it has results and modelSpec"],
    [
      "getModelMetadata",
      { modelSpec: {} },
      "getModelMetadata without signatures: an answer to it has signatures and modelSpec",
    ],
    ["getModelStatus", [], "getModelStatus without versions: an answer to it has versions"],
  ])("is refused an answer to %s that lacks what callers read (%j)", async (operation, answer, text) => {
    const made = (async () => answer) as unknown as Middleware;
    const call = middleware([made], "grpc://localhost:8500")(wire().call);
    await expect(call(operation, request as never, newContext())).rejects.toMatchObject({
      code: "INTERNAL",
      kind: "internal",
      rawMessage: `a middleware answered ${text}`,
    });
  });

  it("sends nothing once the call has ended, and leaves no rejection unhandled", async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", onUnhandled);
    try {
      const { calls, call } = wire();
      const context = newContext();
      const late: Middleware = async (given, next) => {
        context.cancellation.cancel("over");
        void next(given);
        return { versions: [] };
      };
      await run([late], call, context);
      await turn();
      await turn();
      expect(calls).toEqual([]);
    } finally {
      process.off("unhandledRejection", onUnhandled);
    }
    expect(unhandled).toEqual([]);
  });
});
