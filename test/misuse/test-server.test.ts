import { describe, expect, it } from "vitest";
import { createFakeClient } from "../../src/assembly/create-fake-client.ts";
import type { ModelDefinition } from "../../src/testing/model-definition.ts";
import { echo } from "../../src/testing/models/echo.ts";
import { halfPlusTwo } from "../../src/testing/models/half-plus-two.ts";
import { createTestServer } from "../../src/testing/test-server.ts";

const models = { m: halfPlusTwo };
const signed = (signature: unknown) => ({ models: { m: { versions: { 1: { signatures: { s: signature } } } } } });

describe("createTestServer, misused", () => {
  it.each<[unknown, string]>([
    [undefined, "createTestServer must be an object, got undefined"],
    [{}, "models must be an object, got undefined"],
    [{ models, grpcport: 5 }, 'createTestServer: unknown name "grpcport"; did you mean "grpcPort"?'],
    [{ models: { m: { version: {} } } }, 'model "m": unknown name "version"; did you mean "versions"?'],
    [{ models: { m: {} } }, 'model "m": versions must be an object, got undefined'],
    [
      { models: { m: { versions: { 1: { signature: {} } } } } },
      'model "m" version 1: unknown name "signature"; did you mean "signatures"?',
    ],
    [signed({ input: {} }), 'model "m" version 1: signature "s": unknown name "input"; did you mean "inputs"?'],
    [signed({ inputs: {} }), 'model "m" version 1: signature "s": outputs must be an object, got undefined'],
    [
      signed({ inputs: { x: { dtype: "flot32", shape: null } }, outputs: {} }),
      'model "m" version 1: signature "s": inputs: "x" has the dtype "flot32", expected one such as "float32", or "DT_…"',
    ],
    [{ models, storage: { "/a": { 1: {} } } }, '"/a" version 1: signatures must be an object, got undefined'],
  ])("%j: %s", async (options, message) => {
    await expect(createTestServer(options as never)).rejects.toThrow(new TypeError(message));
  });

  it("takes the dtypes of the server that no tensor here can have", () => {
    const resource = signed({ inputs: { x: { dtype: "DT_RESOURCE", shape: null } }, outputs: {} });
    expect(() => createFakeClient(resource.models as Record<string, ModelDefinition>)).not.toThrow();
    expect(() => createFakeClient({ echo })).not.toThrow();
  });
});

describe("the controls of a test server, misused", () => {
  const { server } = createFakeClient(models);

  it.each<[unknown, string]>([
    [undefined, "inject must be an object, got undefined"],
    [{ op: "predict", code: "UNAVAILABLE" }, 'inject: unknown name "op"'],
    [{ code: "UNAVAILBLE" }, 'inject: code cannot be "UNAVAILBLE"; did you mean "UNAVAILABLE"?'],
    [{ code: "OK" }, 'inject: code cannot be "OK"'],
    [{ operation: "Predict", hang: true }, 'inject: operation cannot be "Predict"; did you mean "predict"?'],
    [{ wire: "http", reset: true }, 'inject: wire cannot be "http"'],
  ])("inject(%j): %s", (fault, message) => {
    expect(() => server.inject(fault as never)).toThrow(new TypeError(message));
  });

  it("names a state that no version can be in", () => {
    expect(() => server.setVersionState("m", 1, "READY" as never)).toThrow(
      new TypeError('setVersionState: state cannot be "READY"'),
    );
  });

  it("names what a version to add lacks", () => {
    expect(() => server.addVersion("m", 2, {} as never)).toThrow(
      new TypeError("addVersion: signatures must be an object, got undefined"),
    );
  });
});
