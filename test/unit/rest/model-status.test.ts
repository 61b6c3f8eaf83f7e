import { describe, expect, it } from "vitest";
import type { CodecContext } from "../../../src/rest/codec.ts";
import { modelStatus } from "../../../src/rest/model-status.ts";
import { failure } from "./fixture.ts";

const CONTEXT: CodecContext = { format: "columnar", signature: undefined, maxMessageBytes: 1 << 20 };
const decode = (json: string) =>
  modelStatus.decode({ body: Buffer.from(json), endedByClose: false }, { model: "m" }, CONTEXT);

describe("modelStatus", () => {
  it("asks for all versions or for one", () => {
    expect(modelStatus.encode({ model: "m" }, CONTEXT)).toEqual({ method: "GET", path: "/models/m", body: undefined });
    expect(modelStatus.encode({ model: "m", version: 3 }, CONTEXT).path).toBe("/models/m/versions/3");
  });

  it("refuses a label, which the server would ignore", async () => {
    const error = await failure(() => modelStatus.encode({ model: "m", versionLabel: "x" }, CONTEXT));
    expect(error.code).toBe("INVALID_ARGUMENT");
  });

  it("reads the server's document", () => {
    const document = `{
 "model_version_status": [
  { "version": "9223372036854775807", "state": "LOADING", "status": { "error_code": "OK", "error_message": "" } },
  { "version": "2", "state": "END", "status": { "error_code": "RESOURCE_EXHAUSTED", "error_message": "no\\nroom" } }
 ]
}
`;
    expect(decode(document)).toEqual({
      versions: [
        { version: 9223372036854775807n, state: "LOADING" },
        { version: 2, state: "END", error: { code: "RESOURCE_EXHAUSTED", message: "no\\nroom" } },
      ],
    });
  });

  it("reads what other printers of the same message write", () => {
    expect(
      decode('{"modelVersionStatus":[{"version":1,"state":30,"status":{}},{"state":"NEW","status":{"errorCode":3}}]}'),
    ).toEqual({
      versions: [
        { version: 1, state: "AVAILABLE" },
        { version: 0, state: "UNKNOWN", error: { code: "INVALID_ARGUMENT", message: "" } },
      ],
    });
  });

  it.each([
    ["{}", "reply.model_version_status: expected array"],
    ['{"model_version_status":{}}', "reply.model_version_status: expected array"],
    ['{"model_version_status":[1]}', "reply.model_version_status.0: expected object"],
    ['{"model_version_status":[{"version":"secret"}]}', "reply.model_version_status.0.version: not expected"],
    ['{"model_version_status":[{"state":[]}]}', "reply.model_version_status.0.state: not expected"],
  ])("refuses %s, naming the field and not its value", async (json, message) => {
    const error = await failure(() => decode(json));
    expect(error).toMatchObject({ kind: "decode", rawMessage: message });
  });

  it("refuses a document of millions of empty lists before it makes an object of each", async () => {
    const document = `{"model_version_status":[${"[],".repeat(500_000)}[]]}`;
    const error = await failure(() => decode(document));
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", kind: "too_large" });
    expect(error.rawMessage).toBe("reply: has 1500029 bytes, the limit for a control message is 524288");
  });
});
