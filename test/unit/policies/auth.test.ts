import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/contract/transport.ts";
import { auth } from "../../../src/policies/auth.ts";
import { mergeHeaders, NO_HEADERS } from "../../../src/policies/headers.ts";
import { newContext } from "./call-context.ts";
import { turn } from "./fake-clock.ts";

const request = { model: "m" };

function recorded() {
  const seen: (string | undefined)[] = [];
  const call = (async (_operation, _request, context) => {
    seen.push(context.headers["authorization"]);
    return { versions: [] };
  }) as Call;
  return { seen, call };
}

describe("auth", () => {
  it("sends a text as it is", async () => {
    const { seen, call } = recorded();
    await auth("Bearer abc")(call)("getModelStatus", request, newContext());
    expect(seen).toEqual(["Bearer abc"]);
  });

  it("asks the function for every attempt", async () => {
    const { seen, call } = recorded();
    let asked = 0;
    const wrapped = auth(async () => `Bearer ${++asked}`)(call);
    await wrapped("getModelStatus", request, newContext());
    await wrapped("getModelStatus", request, newContext());
    expect(seen).toEqual(["Bearer 1", "Bearer 2"]);
  });

  it("leaves a call alone that brought its own", async () => {
    const { seen, call } = recorded();
    const headers = mergeHeaders(NO_HEADERS, { authorization: "Basic own" });
    const wrapped = auth(() => {
      throw new Error("not to be asked");
    })(call);
    await wrapped("getModelStatus", request, newContext({ headers }));
    expect(seen).toEqual(["Basic own"]);
  });

  it("is UNAUTHENTICATED when the function fails, with its error as the cause", async () => {
    const { seen, call } = recorded();
    const cause = new Error("token service down: secret");
    const failing = auth(() => Promise.reject(cause))(call)("getModelStatus", request, newContext());
    await expect(failing).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      kind: "auth",
      rawMessage: "auth: the function given failed",
      cause,
    });
    expect(seen).toEqual([]);
  });

  it.each([undefined, "", 5, "a\nb", "ü"])("is UNAUTHENTICATED when the function gives %j", async (value) => {
    const { call } = recorded();
    const failing = auth(() => value as string)(call)("getModelStatus", request, newContext());
    await expect(failing).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      rawMessage: "auth: the function given must return the text of an authorization header, in ASCII",
    });
  });

  it("aborts the function's signal when the call ends, and sends nothing after that", async () => {
    const { seen, call } = recorded();
    const context = newContext();
    let signal: AbortSignal | undefined;
    let give: (value: string) => void = () => {};
    const calling = auth(
      (asked) =>
        new Promise<string>((resolve) => {
          signal = asked.signal;
          give = resolve;
        }),
    )(call)("getModelStatus", request, context);
    const reason = new Error("over");
    context.cancellation.cancel(reason);
    expect(signal?.reason).toBe(reason);
    give("Bearer late");
    await expect(calling).rejects.toBe(reason);
    await turn();
    expect(seen).toEqual([]);
  });

  it("says while it waits that it does", () => {
    const context = newContext();
    void auth(() => new Promise<string>(() => {}))(recorded().call)("getModelStatus", request, context);
    expect(context.ledger.phase).toBe("waiting for auth");
  });
});
