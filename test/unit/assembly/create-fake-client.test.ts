import { describe, expect, it } from "vitest";
import { createFakeClient } from "../../../src/assembly/create-fake-client.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";

describe("createFakeClient", () => {
  it("answers from functions, through the same checks as any client", async () => {
    const client = createFakeClient({ half_plus_two: halfPlusTwo });
    expect(client.wire).toBe("fake");
    const model = client.model("half_plus_two");
    await expect(model.isReady()).resolves.toBe(true);
    const { outputs } = await model.predict({ x: [1] });
    expect(outputs["y"]?.toNested()).toEqual([2.5]);
    await expect(model.predict({ instances: [1] })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(client.model("other").predict({ x: [1] })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await client.close();
  });

  it("takes the options of an application's client", async () => {
    const client = createFakeClient(
      { half_plus_two: halfPlusTwo },
      { timeoutMs: 5, auth: "Bearer t", keepalive: false },
    );
    await client.close();
    expect(() => createFakeClient({}, { timeout: 5 } as object)).toThrow(
      new TypeError('createFakeClient: unknown option "timeout"; did you mean "timeoutMs"?'),
    );
  });
});
