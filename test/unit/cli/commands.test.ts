import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readNpy, writeNpy } from "../../../src/cli/inputs/npy.ts";
import { type Tensor, tensor } from "../../../src/index.ts";
import { createTestServer, echo, halfPlusTwo, type TestServer } from "../../../src/testing.ts";
import { runMain as run } from "./record-output.ts";
import { feedCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "tfserving-commands-"));
let server: TestServer;
let addresses: Record<"grpc" | "rest", string>;

beforeAll(async () => {
  const pictures = {
    versions: {
      1: {
        signatures: {
          serving_default: {
            inputs: { images: { dtype: "string", shape: [-1] } },
            outputs: { bytes: { dtype: "int32", shape: [-1] }, names: { dtype: "string", shape: [-1] } },
          },
        },
        predict: ({ images }: Record<string, Tensor>) => {
          const files = images?.data as readonly Uint8Array[];
          return { bytes: tensor.int32(files.map(({ length }) => length)), names: tensor.string(files.map(() => "x")) };
        },
      },
    },
  };
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo, echo, pictures } });
  addresses = { grpc: server.grpcAddress, rest: server.restAddress };
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const HALF = ["-m", "half_plus_two"];
const RIGHT = { code: 0, out: "y float32 [3]\n  [2.5,3,4.5]", complaints: "" };

describe.each(["grpc", "rest"] as const)("tfserving predict over %s", (wire) => {
  const predict = (...args: string[]) => run("predict", addresses[wire], ...args);

  it("reads inputs from files: JSON, .npy, .npz, bytes", async () => {
    const x = tensor.float32([1, 2, 5]);
    const npy = fileOf("x.npy", writeNpy(x));
    expect(await predict(...HALF, "-i", `x=@${npy}`)).toEqual(RIGHT);
    expect(await predict(...HALF, "-i", `x=@${fileOf("x.json", "[1, 2, 5]")}`)).toEqual(RIGHT);
    expect(await predict(...HALF, "--inputs", fileOf("all.json", '{"x": [1, 2, 5]}'))).toEqual(RIGHT);
    const raw = fileOf("x.bin", new Uint8Array(Float32Array.of(1, 2, 5).buffer));
    expect(await predict(...HALF, "--raw", raw, "--dtype", "float32", "--shape", "3")).toEqual(RIGHT);
    expect(await predict(...HALF, "--raw", `x=${raw}`, "--dtype", "float32", "--shape", "[3]")).toEqual(RIGHT);
  });

  it("says when an array has another dtype than the model", async () => {
    const { code, complaints } = await predict(...HALF, "-i", `x=@${fileOf("x64.npy", writeNpy(tensor.float64([1])))}`);
    expect(code).toBe(3);
    expect(complaints).toMatch(/float64.*float32|float32.*float64/);
  });

  it("sends files as they are to a model that decodes", async () => {
    const [a, b] = [fileOf("a.jpg", Uint8Array.of(255, 216, 0)), fileOf("b.jpg", Uint8Array.of(1))];
    const { out } = await predict("-m", "pictures", "--image", a, "--image", `images=${b}`, "--json");
    expect(JSON.parse(out).outputs.bytes).toEqual({ dtype: "int32", shape: [2], values: [3, 1] });
  });

  it("writes an output for numpy", async () => {
    const file = join(folder, `y-${wire}.npy`);
    const { code, out, complaints } = await predict(...HALF, "-i", "x=[1,2,5]", "--output-npy", file);
    expect([code, out, complaints]).toEqual([0, "", `${file}: y float32 [3]`]);
    expect(readNpy(readFileSync(file)).toNested()).toEqual([2.5, 3, 4.5]);
    const image = ["-m", "pictures", "--image", file, "--output-npy"];
    expect((await predict(...image, file)).complaints).toContain("the answer has 2 outputs (bytes, names)");
    expect((await predict(...image, `none=${file}`)).complaints).toContain('no output "none"');
    expect((await predict(...image, `names=${file}`)).code).toBe(0);
    expect((await predict(...image, "names=/none/x.npy")).complaints).toContain("cannot write /none/x.npy (ENOENT)");
  });
});

describe("tfserving predict", () => {
  it("reads JSON from standard input", async () => {
    const fed = (...args: string[]) => feedCli('{"x": [1, 2, 5]}', "predict", addresses.grpc, ...HALF, ...args);
    expect((await fed("--inputs", "-")).out).toBe("y float32 [3]\n  [2.5,3,4.5]\n");
    const { out } = await feedCli("[1, 2, 5]", "predict", addresses.grpc, ...HALF, "-i", "x=@-");
    expect(out).toBe("y float32 [3]\n  [2.5,3,4.5]\n");
  });

  it.each([
    [[], "no inputs: give --input, --inputs, --raw or --image"],
    [["-i", "x=@/none/x.npy"], "cannot read /none/x.npy (ENOENT)"],
    [["-i", "x=@package.json", "--inputs", "/none"], "cannot read /none (ENOENT)"],
    [["-i", "x=@x.npz"], "cannot read x.npz"],
    [["-i", "x=@README.md"], '"x" from README.md: it is not JSON, and not called .npy'],
    [["--inputs", "README.md"], "README.md: it is not JSON"],
    [["--raw", "x=README.md"], "--raw needs --dtype and --shape"],
    [
      ["--raw", "x=biome.json", "--dtype", "float32", "--shape", "1"],
      "biome.json: shape [1] of float32 takes 4 bytes, found",
    ],
    [["--raw", "x=README.md", "--dtype", "float", "--shape", "1"], "it is one of float16,"],
    [["--raw", "x=README.md", "--dtype", "float32", "--shape", "a"], "a shape is written 1,224,224,3."],
    [["-i", "x=1", "--dtype", "float32"], "--dtype and --shape have an effect only with --raw"],
    [["-i", "x=1", "--image", "x=README.md"], 'input "x" is given twice'],
  ])("refuses %j", async (args, message) => {
    const { code, out, complaints } = await run("predict", addresses.grpc, ...HALF, ...args);
    expect(complaints).toContain(message);
    expect([code, out]).toEqual([1, ""]);
  });

  it("asks for names where the signature has several inputs", async () => {
    const several = { dtype: "float32", shape: [-1] };
    const spare = await createTestServer({
      models: {
        sum: {
          versions: {
            1: {
              signatures: { serving_default: { inputs: { a: several, b: several }, outputs: { y: several } } },
              predict: ({ a }) => ({ y: a as Tensor }),
            },
          },
        },
      },
    });
    const { code, complaints } = await run("predict", spare.grpcAddress, "-m", "sum", "--image", "README.md");
    await spare.close();
    expect([code, complaints]).toEqual([1, "tfserving: the signature has 2 inputs (a, b): write NAME=FILE"]);
  });
});

describe.each(["grpc", "rest"] as const)("tfserving classify and regress over %s", (wire) => {
  it("give what the model says of each example", async () => {
    const regress = ["regress", addresses[wire], ...HALF, "--signature", "regress_x_to_y"];
    expect((await run(...regress, "-e", '{"x": 1.0}', "-e", '{"x": 2.0}')).out).toBe("example 0  2.5\nexample 1  3");
    const file = fileOf("examples.ndjson", '{"x": 1.0}\n{"x": 5.0}\n');
    expect(JSON.parse((await run(...regress, "--examples", file, "--json")).out)).toMatchObject({
      results: [2.5, 4.5],
    });
    const classify = ["classify", addresses[wire], ...HALF, "--signature", "classify_x_to_y"];
    expect((await run(...classify, "-e", '{"x": 1.0}')).out).toBe("example 0  2.5  (no label)");
    expect((await run(...classify, "--examples", file, "--json")).code).toBe(0);
  });

  it("share the features of a context", async () => {
    const regress = ["regress", addresses[wire], ...HALF, "--signature", "regress_x_to_y", "-e", '{"z": 1.0}'];
    expect((await run(...regress, "--context", '{"x": 1.0}')).out).toBe("example 0  2.5");
    expect((await run(...regress, "--context", `@${fileOf("context.json", '{"x": 2.0}')}`)).out).toBe("example 0  3");
  });

  it.each([
    [[], "no examples: give --example or --examples"],
    [["-e", "{"], 'it is not JSON, such as {"x": 1.5}.'],
    [["-e", "[]"], "it is no object of features."],
    [["--context", "1", "-e", "{}"], "it is no object of features."],
    [["--examples", "/none"], "cannot read /none (ENOENT)"],
    [["--examples", "README.md"], "README.md: line 1 is not JSON"],
  ])("refuse %j", async (args, message) => {
    for (const command of ["classify", "regress"]) {
      const { code, complaints } = await run(command, addresses[wire], ...HALF, ...args);
      expect(complaints).toContain(message);
      expect(code).toBe(1);
    }
  });
});
