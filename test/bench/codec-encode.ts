import { createRequire } from "node:module";
import { PredictCodec } from "../../src/grpc/predict.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { compare, type Timings } from "./compare.ts";
import { atLeast, atMost, type Finding, type GroupResult } from "./finding.ts";
import { EFFORT, report } from "./group.ts";
import { randomFloats } from "./tensors.ts";
import { contentMessage, floatValMessage, serializeRequest } from "./ts-proto.ts";

const predictCodec = new PredictCodec();

/** What grpc-js frames a message with, taken from the installed one. */
interface Framing {
  writeMessage(message: { readonly length: number }, compress: boolean): Promise<Buffer>;
}
const { CompressionFilter } = createRequire(import.meta.url)("@grpc/grpc-js/build/src/compression-filter.js") as {
  CompressionFilter: new (options: object, shared: object) => { readonly sendCompression: Framing };
};
const framing = new CompressionFilter({}, {}).sendCompression;

const GOALS = [
  { elements: 10, floatVal: 20 },
  { elements: 1_000, floatVal: 50 },
  { elements: 100_000, floatVal: 120, limit: 1.3 },
  { elements: 1_000_000, floatVal: 100, limit: 1.3 },
];

/** From the caller's array to bytes: each side makes what it needs of the array itself. */
function measure({ elements, floatVal, limit }: (typeof GOALS)[number]): Finding[] {
  const values = randomFloats(elements);
  const shape = [1, elements];
  const message = () => {
    const inputs = { images: new Tensor("float32", shape, values) };
    return predictCodec.encode({ model: "resnet", signatureName: "serving_default", inputs });
  };
  const ours = () => {
    const outgoing = message();
    const bytes = Buffer.allocUnsafe(outgoing.length);
    outgoing.copy(bytes, 0);
    return bytes;
  };
  const copy = () => {
    const bytes = Buffer.allocUnsafe(values.byteLength);
    bytes.set(new Uint8Array(values.buffer), 0);
    return bytes;
  };
  const bare = compare(
    [
      { name: "ours", run: ours },
      { name: "copy", run: copy },
    ],
    EFFORT,
    { runByRun: limit !== undefined, evenly: true },
  );
  const timings = compare(
    [
      { name: "ours", run: ours },
      { name: "float_val", run: () => serializeRequest(floatValMessage(values, shape)) },
    ],
    EFFORT,
  );
  const framed = compare(
    [
      // The frame is written before the promise is handed out, so there is no need to wait for that.
      { name: "ours framed", run: () => framing.writeMessage(message(), false) },
      {
        name: "content framed",
        run: () => framing.writeMessage(serializeRequest(contentMessage(values, shape)), false),
      },
    ],
    EFFORT,
    { evenly: true },
  );
  const figure = (of: Timings, name: string) => ({ value: of.medianNs(name), unit: "ns" }) as const;
  const work = `encode PredictRequest, float32[${elements}]`;
  return [
    {
      work,
      against: "ts-proto, float_val",
      ours: figure(timings, "ours"),
      theirs: figure(timings, "float_val"),
      ratio: timings.ratio("float_val", "ours"),
      goal: atLeast(floatVal),
    },
    {
      work,
      against: "limit: allocUnsafe + copy",
      ours: figure(bare, "ours"),
      theirs: figure(bare, "copy"),
      ratio: bare.ratio("ours", "copy"),
      ...(limit === undefined ? {} : { goal: atMost(limit) }),
    },
    {
      work: `${work}, and frame it`,
      against: "ts-proto, tensor_content",
      ours: figure(framed, "ours framed"),
      theirs: figure(framed, "content framed"),
      ratio: framed.ratio("content framed", "ours framed"),
      goal: atLeast(3),
    },
  ];
}

await report((): GroupResult => ({ findings: GOALS.flatMap(measure) }));
