import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { PredictCodec } from "../../src/grpc/predict.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { compare, type Variant } from "./compare.ts";
import { atLeast, atMost, type Finding, type GroupResult } from "./finding.ts";
import { EFFORT, report } from "./group.ts";
import { randomFloats, randomSource } from "./tensors.ts";
import { copyFrame, deserializeResponse, floatReply, replyBytes, toShape } from "./ts-proto.ts";

const predictCodec = new PredictCodec();

const LIMITS = { maxMessageBytes: 64 << 20 };
const REQUEST = { model: "resnet", inputs: {} };
const MILLION = 1_000_000;

function decode(bytes: Buffer): Tensor {
  return predictCodec.decode(bytes, REQUEST, LIMITS).outputs["scores"] as Tensor;
}

/** What of prepared messages stays in the caches: grpc-js has just put a message together when it is decoded. */
const WARM_BYTES = 2 << 20;

/** Our decoder takes a large message over, so each run gets one of its own, in memory that was just written to. */
function eachFresh(reply: Buffer, read: (bytes: Buffer) => unknown): Omit<Variant, "name"> {
  let left: Buffer[] = [];
  return {
    atMost: Math.max(1, Math.floor(WARM_BYTES / reply.length)),
    prepare: (times) => {
      left = Array.from({ length: times }, () => copyFrame(reply));
    },
    run: () => read(left.pop() as Buffer),
  };
}

function floats(elements: number, goal: number): Finding[] {
  const values = randomFloats(elements);
  const reply = floatReply(values, [1, elements]);
  const source = new Uint8Array(values.buffer);
  const target = new Uint8Array(source.length);
  const timings = compare(
    [
      { name: "ours", ...eachFresh(reply, (bytes) => decode(bytes).data) },
      { name: "ts-proto", run: () => deserializeResponse(reply) },
      { name: "memcpy", run: () => target.set(source) },
    ],
    EFFORT,
  );
  const figure = (name: string) => ({ value: timings.medianNs(name), unit: "ns" }) as const;
  const work = `decode PredictResponse, float_val[${elements}]`;
  const ratio = timings.ratio("ts-proto", "ours");
  return [
    { work, against: "ts-proto", ours: figure("ours"), theirs: figure("ts-proto"), ratio, goal: atLeast(goal) },
    {
      work,
      against: "limit: memcpy to warm memory",
      ours: figure("ours"),
      theirs: figure("memcpy"),
      ratio: timings.ratio("ours", "memcpy"),
      goal: atMost(6),
    },
  ];
}

interface ListCase {
  readonly list: string;
  readonly goal: number;
  readonly tensor: Parameters<typeof replyBytes>[0];
  readonly read?: (tensor: Tensor) => unknown;
  readonly readTheirs?: (reply: ReturnType<typeof deserializeResponse>) => unknown;
}

function list({ list, goal, tensor, read, readTheirs }: ListCase): Finding {
  const reply = replyBytes(tensor);
  const timings = compare(
    [
      { name: "ours", ...eachFresh(reply, (bytes) => (read === undefined ? decode(bytes).data : read(decode(bytes)))) },
      {
        name: "ts-proto",
        run: () => {
          const message = deserializeResponse(reply);
          return readTheirs === undefined ? message : readTheirs(message);
        },
      },
    ],
    EFFORT,
  );
  return {
    work: `decode PredictResponse, ${list}`,
    against: "ts-proto (int64 as bigint)",
    ours: { value: timings.medianNs("ours"), unit: "ns" },
    theirs: { value: timings.medianNs("ts-proto"), unit: "ns" },
    ratio: timings.ratio("ts-proto", "ours"),
    goal: atLeast(goal),
  };
}

const next = randomSource(7);
const million = toShape([MILLION]);
const int64 = (value: () => bigint) => ({
  dtype: DataType.DT_INT64,
  tensorShape: million,
  int64Val: Array.from({ length: MILLION }, value),
});
const words = ["tabby cat", "traffic light", "espresso", "grand piano", "lakeside"];
const umlauts = ["Tigerkätzchen", "Verkehrsampel rot", "Öltanker", "Flügel", "日本の湖"];
const strings = (texts: readonly string[]): Omit<ListCase, "list" | "goal"> => ({
  tensor: {
    dtype: DataType.DT_STRING,
    tensorShape: toShape([100_000]),
    stringVal: Array.from({ length: 100_000 }, (_, index) => Buffer.from(`${texts[index % 5]} ${index}`)),
  },
  read: (tensor) => tensor.toStrings(),
  readTheirs: (message) => message.outputs.get("scores")!.stringVal.map((bytes) => Buffer.from(bytes).toString("utf8")),
});

const LISTS: readonly ListCase[] = [
  { list: "int64_val[1000000], ids below 1000", goal: 15, tensor: int64(() => BigInt(Math.floor(next() * 1000))) },
  { list: "int64_val[1000000], below 2^31", goal: 10, tensor: int64(() => BigInt(Math.floor(next() * 2 ** 31))) },
  {
    list: "int64_val[1000000], random 64 bit",
    goal: 7,
    tensor: int64(() =>
      BigInt.asIntN(64, (BigInt(Math.floor(next() * 2 ** 32)) << 32n) | BigInt(Math.floor(next() * 2 ** 32))),
    ),
  },
  {
    list: "int_val[1000000], below 1000",
    goal: 6,
    tensor: {
      dtype: DataType.DT_INT32,
      tensorShape: million,
      intVal: Array.from({ length: MILLION }, () => Math.floor(next() * 1000)),
    },
  },
  {
    list: "bool_val[1000000]",
    goal: 200,
    tensor: {
      dtype: DataType.DT_BOOL,
      tensorShape: million,
      boolVal: Array.from({ length: MILLION }, () => next() < 0.5),
    },
  },
  { list: "string_val[100000] as text, UTF-8", goal: 3, ...strings(umlauts) },
  { list: "string_val[100000] as text, ASCII", goal: 6, ...strings(words) },
];

await report((): GroupResult => ({ findings: [...floats(100_000, 60), ...floats(MILLION, 60), ...LISTS.map(list)] }));
