import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServingError } from "../../src/errors/serving-error.ts";
import { DTYPES } from "../../src/tensor/dtype.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { conformanceModel, echoSignature } from "./models.ts";
import { bitsOf, SAMPLES } from "./samples.ts";
import { type OpenWire, wires } from "./wires.ts";

describe.each(wires)("predict over $name", (wire) => {
  let open: OpenWire;
  beforeAll(async () => {
    open = await wire.open({ m: conformanceModel() });
  });
  afterAll(() => open.close());

  const row = wire.name === "rest, row form";
  const failure = (promise: Promise<unknown>): Promise<ServingError> =>
    promise.then(
      () => {
        throw new Error("expected a failure");
      },
      (error) => {
        expect(error).toBeInstanceOf(ServingError);
        return error as ServingError;
      },
    );

  it.each(DTYPES.filter((dtype) => !wire.gaps.dtypes.includes(dtype)))(
    "carries %s there and back, bit by bit",
    async (dtype) => {
      const x = SAMPLES[dtype];
      const model = open.client.model("m", { signatureName: echoSignature(dtype) });
      const { outputs } = await model.predict({ x });
      expect(Object.keys(outputs)).toEqual(["y"]);
      expect(bitsOf(outputs["y"]!)).toEqual(bitsOf(x));
    },
  );

  if (wire.gaps.dtypes.length > 0) {
    it.each(wire.gaps.dtypes)("refuses %s before anything is sent, and says what to use", async (dtype) => {
      const error = await failure(
        open.client.predict({ model: "m", signatureName: echoSignature(dtype), inputs: { x: SAMPLES[dtype] } }),
      );
      expect(error).toMatchObject({ code: "UNIMPLEMENTED", kind: "unsupported", attempts: [] });
      expect(error.rawMessage).toContain(dtype);
      expect(error.rawMessage).toMatch(/gRPC/);
    });
  }

  it("carries a high rank and a lone element", async () => {
    const model = open.client.model("m", { signatureName: "echo_float32" });
    const x = new Tensor("float32", [1, 1, 1, 1, 1, 1], Float32Array.of(2.5));
    expect(bitsOf((await model.predict({ x })).outputs["y"]!)).toEqual(bitsOf(x));
  });

  const scalar = new Tensor("float32", [], Float32Array.of(7));
  const empty = new Tensor("float32", [0], new Float32Array(0));

  if (row) {
    it("refuses scalars and empty batches, which the row form cannot say", async () => {
      const model = open.client.model("m", { signatureName: "echo_float32" });
      for (const x of [scalar, empty]) {
        expect(await failure(model.predict({ x }))).toMatchObject({ code: "INVALID_ARGUMENT", kind: "invalid" });
      }
    });
  } else {
    it("carries scalars and tensors without elements", async () => {
      const model = open.client.model("m", { signatureName: "echo_float32" });
      for (const x of [scalar, empty]) expect(bitsOf((await model.predict({ x })).outputs["y"]!)).toEqual(bitsOf(x));
    });
  }

  it("keeps bytes that are no text, where the output's name says bytes", async () => {
    const model = open.client.model("m", { signatureName: "echo_bytes" });
    const bytes = [Uint8Array.of(0xff, 0xfe, 0), Uint8Array.of(), Uint8Array.from({ length: 256 }, (_, i) => i)];
    const { outputs } = await model.predict({ x_bytes: new Tensor("string", [3], bytes) });
    expect(outputs["y_bytes"]!.data.length).toBe(3);
    bytes.forEach((each, index) => {
      expect(Buffer.from((outputs["y_bytes"]!.data as Uint8Array[])[index]!)).toEqual(Buffer.from(each));
    });
  });

  it("names several outputs and gives each its dtype", async () => {
    const model = open.client.model("m", { signatureName: "two" });
    const { outputs } = await model.predict({
      a: [
        [1, 2],
        [3, 4.5],
      ],
      b: [10, 2n ** 60n],
    });
    expect(Object.keys(outputs).sort()).toEqual(["sum", "text", "twice"]);
    expect(outputs["sum"]).toMatchObject({ dtype: "float32", shape: [2] });
    expect([...(outputs["sum"]!.data as Float32Array)]).toEqual([3, 7.5]);
    expect([...(outputs["twice"]!.data as BigInt64Array)]).toEqual([20n, 2n ** 61n]);
    expect(outputs["text"]!.toStrings()).toEqual(["row 10", `row ${2n ** 60n}`]);
    expect(Object.getPrototypeOf(outputs)).toBeNull();
  });

  it("gives the wanted outputs only", async () => {
    const model = open.client.model("m", { signatureName: "two" });
    const { outputs } = await model.predict({ a: [[1, 2]], b: [1] }, { outputFilter: ["twice"] });
    expect(Object.keys(outputs)).toEqual(["twice"]);
    expect([...(outputs["twice"]!.data as BigInt64Array)]).toEqual([2n]);
  });

  it("takes plain values without asking the server for a signature", async () => {
    const { outputs } = await open.client.predict({ model: "m", inputs: { x: [1, 2, 5] } });
    expect([...(Object.values(outputs)[0]!.data as Float32Array)]).toEqual([2.5, 3, 4.5]);
  });

  it("asks the version or the label that was named", async () => {
    for (const choice of [{ version: 1 }, { version: 2n }, { versionLabel: "stable" }, { versionLabel: "canary" }]) {
      const { modelSpec } = await open.client.predict({ model: "m", ...choice, inputs: { x: [1] } });
      expect(modelSpec.name).toBe("m");
      const served = "version" in choice ? Number(choice.version) : choice.versionLabel === "stable" ? 1 : 2;
      if (!wire.gaps.servedVersion || "version" in choice) expect(modelSpec.version).toBe(served);
      else expect(modelSpec.version).toBeUndefined();
    }
  });

  it("says NOT_FOUND for a model and for a version that are not served", async () => {
    const model = await failure(open.client.predict({ model: "nobody", inputs: { x: [1] } }));
    expect(model).toMatchObject({ code: "NOT_FOUND", kind: "not_found", operation: "predict", model: "nobody" });
    const version = await failure(open.client.predict({ model: "m", version: 9, inputs: { x: [1] } }));
    expect(version).toMatchObject({ code: "NOT_FOUND", rawMessage: "Servable not found for request: Specific(m, 9)" });
  });

  it("says INVALID_ARGUMENT for a label that is not known", async () => {
    const error = await failure(open.client.predict({ model: "m", versionLabel: "beta", inputs: { x: [1] } }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", kind: "not_found" });
    expect(error.rawMessage).toContain("Unrecognized servable version label: beta");
  });

  it("checks names, dtypes, ranks and fixed dimensions before anything is sent", async () => {
    const model = open.client.model("m", { signatureName: "image" });
    const cases: [Record<string, unknown>, RegExp][] = [
      [
        {
          pixel: [
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
          ],
        },
        /did you mean "pixels"\?/,
      ],
      [{ pixels: [[1, 2, 3]] }, /rank|axes|\[-1, 2, 3\]/],
      [
        {
          pixels: [
            [
              [1, 2],
              [3, 4],
            ],
          ],
        },
        /\[-1, 2, 3\]/,
      ],
      [
        {
          pixels: [
            [
              ["a", "b", "c"],
              ["d", "e", "f"],
            ],
          ],
        },
        /float32/,
      ],
      [{}, /"pixels"/],
    ];
    for (const [inputs, text] of cases) {
      const error = await failure(model.predict(inputs as never));
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", kind: "invalid", attempts: [] });
      expect(error.rawMessage).toMatch(text);
    }
  });

  it("rejects with the signal's reason and sends nothing when it has aborted already", async () => {
    const reason = new Error("left the page");
    await expect(
      open.client.predict({ model: "m", inputs: { x: [1] } }, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });

  it("settles with DEADLINE_EXCEEDED when there is no time", async () => {
    const error = await failure(open.client.predict({ model: "m", inputs: { x: [1] } }, { timeoutMs: 0 }));
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", kind: "timeout", attempts: [] });
  });
});
