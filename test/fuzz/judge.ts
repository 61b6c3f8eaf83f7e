import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ServingError } from "../../src/errors/serving-error.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import type { Target } from "./target.ts";

// Neither a worker nor a test runner's process can be started with the flag.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** An input that takes longer counts as a hang. */
export const MAX_MS = 1_000;

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** Longer than the longest text of a peer that an error carries, several times over. */
const MAX_MESSAGE_LENGTH = 16_384;

const PROTOTYPES = [Object.prototype, Array.prototype].map((prototype) => ({
  prototype,
  names: Reflect.ownKeys(prototype).length,
}));

export interface Verdict {
  /** What is wrong; undefined when all is as it should be. */
  readonly problem: string | undefined;
  /** Which way the reader went, as far as that can be seen from outside. */
  readonly outcome: string;
}

/** Reads an input and holds what happens against what may happen. */
export function judge(target: Target, input: Buffer): Verdict {
  let latest = attempt(target, input);
  // A collection during the read hides what was allocated, and another process can take the time: look again then.
  const isDoubtful = ({ ms, allocatedBytes }: Attempt) =>
    ms > MAX_MS || allocatedBytes < 0 || allocatedBytes > target.allowanceBytes(input.length);
  for (let again = 0; again < 4 && latest.problem === undefined && isDoubtful(latest); again++) {
    collectGarbage();
    // The first leaves its freed buffers to a thread in the background; the second waits for that.
    collectGarbage();
    latest = attempt(target, input);
  }
  const { problem, outcome, ms, allocatedBytes } = latest;
  if (problem !== undefined || !isDoubtful(latest)) return { problem, outcome };
  if (ms > MAX_MS) return { problem: `takes ${ms.toFixed(0)} ms`, outcome };
  if (allocatedBytes < 0) return { problem: "allocates so much that a collection runs", outcome };
  return { problem: `allocates ${allocatedBytes} bytes for ${input.length} of input`, outcome };
}

interface Attempt extends Verdict {
  readonly ms: number;
  readonly allocatedBytes: number;
}

function attempt(target: Target, input: Buffer): Attempt {
  // Readers may keep views of what they are given, so each gets bytes of its own.
  const bytes = Buffer.from(input);
  const bytesBefore = inUse();
  const startedAt = performance.now();
  let result: unknown;
  let failure: unknown;
  try {
    result = target.read(bytes);
  } catch (error) {
    failure = error ?? new Error("threw nothing");
  }
  const ms = performance.now() - startedAt;
  const allocatedBytes = inUse() - bytesBefore;
  const [problem, outcome] = failure === undefined ? judgeResult(result) : judgeFailure(target, failure);
  return { problem: problem ?? pollution(), outcome, ms, allocatedBytes };
}

/** On the heap and beside it. */
function inUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function judgeFailure(target: Target, error: unknown): [problem: string | undefined, outcome: string] {
  const isOwn = error instanceof ServingError;
  if (!isOwn && !target.mayFailWith?.(error)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [`throws ${text.slice(0, 200)}`, "thrown"];
  }
  const { message } = error as Error;
  const kind = isOwn ? error.kind : "";
  // Numbers and quoted names vary without end; what is left tells one failure from another.
  const outcome = `${kind}: ${message.replace(/"[^"]*"|[\d.]+/g, "#").slice(0, 120)}`;
  if (isOwn && !target.kinds.includes(error.kind)) return [`fails with the kind ${kind}`, outcome];
  if (CONTROL.test(message)) return ["has a control character in its message", outcome];
  if (message.length > MAX_MESSAGE_LENGTH) return [`has a message of ${message.length} characters`, outcome];
  return [undefined, outcome];
}

interface Result {
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** What a target tells of the way that its reader went. */
  readonly seen?: readonly string[];
}

/** Uses what was read as a caller would. */
function judgeResult(result: unknown): [problem: string | undefined, outcome: string] {
  const { outputs, seen } = result as Result;
  const read = seen === undefined ? "read" : `read ${seen}`;
  if (outputs === undefined) return [undefined, read];
  if (Object.getPrototypeOf(outputs) !== null) return ["gives outputs with a prototype", "read"];
  const dtypes: string[] = [];
  for (const output of Object.values(outputs)) {
    if (!(output instanceof Tensor)) return ["gives an output that is no tensor", "read"];
    const { dtype, shape, size, data } = output;
    dtypes.push(`${dtype}/${shape.length}`);
    if (size !== shape.reduce((product, length) => product * length, 1))
      return ["gives a size unlike its shape", "read"];
    if (dtype === "string" && output.toStrings().length !== size) return ["gives too few or many texts", "read"];
    if (data.length !== size && data.length !== 2 * size) return ["gives data unlike its shape", "read"];
  }
  return [undefined, `${read}: ${dtypes.sort().slice(0, 4)}`];
}

function pollution(): string | undefined {
  for (const { prototype, names } of PROTOTYPES) {
    if (Reflect.ownKeys(prototype).length !== names) return "changes a prototype that everybody shares";
  }
  return undefined;
}
