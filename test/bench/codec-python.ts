import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { FramePool } from "../../src/grpc/channel/frame-pool.ts";
import { PredictCodec } from "../../src/grpc/predict.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { collectGarbage, median } from "./compare.ts";
import { atLeast, type Finding, type GroupResult } from "./finding.ts";
import { QUICK, report } from "./group.ts";
import { randomFloats } from "./tensors.ts";
import { copyFrame, floatReply, replyBytes, toShape } from "./ts-proto.ts";

const predictCodec = new PredictCodec();
const frames = new FramePool();

const MILLION = 1_000_000;
const WORK = `encode + decode, float32[${MILLION}]`;
const ROUNDS = QUICK ? 5 : 31;
const TIMES = QUICK ? 2 : 5;
const START_TIMEOUT_MS = 60_000;

/** The environment that `npm run test:peers` makes. */
const PYTHON = fileURLToPath(new URL("../../.cache/peers/tensorflow/bin/python", import.meta.url));

const PROGRAM = fileURLToPath(new URL("../../test/bench/python-client.py", import.meta.url));

const values = randomFloats(MILLION);
const shape = [1, MILLION];

/**
 * Both sides go from an array to the bytes of a request, and from the bytes of a reply to an array. As in calls, ours are
 * written into memory that was sent before; Python's allocator gives it the same memory again, too.
 */
function thereAndBack(reply: Buffer): unknown {
  const inputs = { images: new Tensor("float32", shape, values) };
  const outgoing = predictCodec.encode({ model: "resnet", inputs });
  const bytes = frames.take(outgoing.length);
  outgoing.copy(bytes, 0);
  frames.giveBack(bytes);
  return predictCodec.decode(reply, { model: "resnet", inputs: {} }, { maxMessageBytes: 64 << 20 }).outputs["scores"]!
    .data;
}

/** Nanoseconds of one time there and back. */
function timed(reply: Buffer): number {
  const start = process.hrtime.bigint();
  thereAndBack(reply);
  return Number(process.hrtime.bigint() - start);
}

async function measure(): Promise<GroupResult> {
  const python = process.env["PEERS_TENSORFLOW_PYTHON"] ?? PYTHON;
  if (!existsSync(python)) {
    return absent("no Python with tensorflow-serving-api here; npm run test:peers installs it");
  }
  const child = spawn(python, [PROGRAM], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const timer = setTimeout(() => child.kill(), START_TIMEOUT_MS);
  const hello = await lines.next();
  clearTimeout(timer);
  if (hello.done === true) return absent(`the Python client did not start within ${START_TIMEOUT_MS / 1000} s`);
  const ask = async (reply: string): Promise<number> => {
    child.stdin.write(`${JSON.stringify({ reply, times: TIMES })}\n`);
    return (JSON.parse((await lines.next()).value as string) as { ns: number }).ns;
  };

  const replies = {
    float_val: floatReply(values, shape),
    content: replyBytes({
      dtype: DataType.DT_FLOAT,
      tensorShape: toShape(shape),
      tensorContent: Buffer.from(values.buffer),
    }),
  };
  const findings: Finding[] = [];
  for (const [name, reply] of Object.entries(replies)) {
    for (let warm = 0; warm < 100; warm++) timed(copyFrame(reply));
    const rounds: { ours: number; theirs: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const theirs = await ask(name);
      collectGarbage("minor");
      // Our decoder takes a large message over, so each time it gets one of its own, just written as theirs is just read.
      let ours = 0;
      for (let time = 0; time < TIMES; time++) ours += timed(copyFrame(reply));
      rounds.push({ ours: ours / TIMES, theirs });
    }
    findings.push({
      work: `${WORK}, ${name === "content" ? "tensor_content" : name} reply`,
      against: "official Python client",
      ours: { value: median(rounds.map(({ ours }) => ours)), unit: "ns" },
      theirs: { value: median(rounds.map(({ theirs }) => theirs)), unit: "ns" },
      ratio: median(rounds.map(({ ours, theirs }) => theirs / ours)),
      goal: atLeast(3),
    });
  }
  child.stdin.end();
  return { findings };
}

function absent(reason: string): GroupResult {
  return { findings: [], absences: [{ work: WORK, reason }] };
}

await report(measure);
