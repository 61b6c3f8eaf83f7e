import { CODECS } from "../../src/rest/codecs.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { compare } from "./compare.ts";
import { atLeast, type Finding, type GroupResult } from "./finding.ts";
import { EFFORT, report } from "./group.ts";
import { jsonReply } from "./json.ts";
import { IMAGE_SHAPE, IMAGE_SIZE, randomFloats, toNestedArrays } from "./tensors.ts";

const { predict } = CODECS;
const CONTEXT = { format: "columnar", signature: undefined, maxMessageBytes: 64 << 20 } as const;

const CASES = [
  { name: "[1,224,224,3]", shape: IMAGE_SHAPE, size: IMAGE_SIZE, encode: 3.5, decode: 4.5 },
  { name: "[1,10]", shape: [1, 10], size: 10 },
];

/** The image has the same values as anybody's: random ones, which need all digits that a float32 has. */
function measure({ name, shape, size, encode, decode }: (typeof CASES)[number]): Finding[] {
  const values = randomFloats(size);
  const nested = toNestedArrays(values, shape);
  const body = jsonReply(values, shape);
  const request = { model: "resnet", inputs: {} };
  const timings = compare(
    [
      {
        name: "encode",
        run: () => {
          const inputs = { images: new Tensor("float32", shape, values) };
          return predict.encode({ model: "resnet", inputs }, CONTEXT).body;
        },
      },
      {
        name: "stringify",
        run: () => Buffer.from(JSON.stringify({ inputs: { images: toNestedArrays(values, shape) } })),
      },
      { name: "stringify nested", run: () => Buffer.from(JSON.stringify({ inputs: { images: nested } })) },
      { name: "decode", run: () => predict.decode({ body, endedByClose: false }, request, CONTEXT).outputs },
      {
        name: "parse",
        run: () => {
          const { outputs } = JSON.parse(body.toString()) as { outputs: unknown[] };
          return Float32Array.from(outputs.flat(Number.POSITIVE_INFINITY) as number[]);
        },
      },
    ],
    EFFORT,
  );
  const line = (work: string, against: string, ours: string, theirs: string, goal?: number): Finding => ({
    work: `${work}, float32 ${name}`,
    against,
    ours: { value: timings.medianNs(ours), unit: "ns" },
    theirs: { value: timings.medianNs(theirs), unit: "ns" },
    ratio: timings.ratio(theirs, ours),
    ...(goal === undefined ? {} : { goal: atLeast(goal) }),
  });
  return [
    line("write a REST predict", "nested arrays + JSON.stringify + Buffer", "encode", "stringify", encode),
    line("write a REST predict", "JSON.stringify + Buffer, nested before", "encode", "stringify nested"),
    line("read a REST reply", "toString + JSON.parse + flat + Float32Array", "decode", "parse", decode),
  ];
}

await report((): GroupResult => ({ findings: CASES.flatMap(measure) }));
