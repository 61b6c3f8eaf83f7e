import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { InputSource } from "../contract/input-source.ts";
import type { WarmUpRequests } from "../grpc/warm-up/warm-up-requests.ts";
import { describeValue } from "../internal/describe-value.ts";

/** Where a SavedModel keeps them. */
const IN_MODEL = join("assets.extra", "tf_serving_warmup_requests");

/**
 * The predict requests of a warm-up file, for the option `inputs` of a health check or a soak: `path` is the file, or the
 * folder of a model's version, which has it at `assets.extra/tf_serving_warmup_requests`.
 *
 * They are real inputs: whoever exported the model wrote them down, and the server ran them before it called the version
 * AVAILABLE. So a report does not say `synthetic`, and a model that refuses them fails. Requests for other signatures and
 * of other kinds are passed over; the name of the model in them is not looked at, as the server does not either.
 *
 * A health check sends the first one, a soak all in turn. The file is read once, when it is first needed: 64 MiB and
 * 1,000 records at most, each with its checksum. One that cannot be read makes the check `inconclusive`.
 *
 * @throws TypeError for a path that is none
 * @example
 * createHealthCheck(client, { model: "ranker", inputs: warmUpInputs("/models/ranker/47") });
 */
export function warmUpInputs(path: string): InputSource {
  if (typeof path !== "string" || path === "") {
    throw new TypeError(
      `warmUpInputs: the argument must be the path of a file or of a version's folder, got ${describeValue(path)}`,
    );
  }
  const name = `warm-up file ${path}`;
  let loaded: WarmUpRequests | undefined;
  return {
    name,
    synthetic: false,
    inputsFor: async ({ signatureName, index, signal }) => {
      try {
        // Loaded here and not above: who gives no file needs no reader of messages.
        const reader = await import("../grpc/warm-up/warm-up-requests.ts");
        loaded ??= reader.readWarmUpRequests(await readBounded(path, reader.MAX_FILE_BYTES, signal));
        const requests = reader.predictsFor(loaded, signatureName);
        return (requests[index % requests.length] as (typeof requests)[number]).inputs;
      } catch (error) {
        throw new Error(`${name}: ${reasonOf(error)}`, { cause: error });
      }
    },
  };
}

async function readBounded(path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const file = (await stat(path)).isDirectory() ? join(path, IN_MODEL) : path;
  // A pipe that nobody writes to would hold a plain open() for ever.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error("it is no file");
    if (found.size > maxBytes) throw new Error(`it has ${found.size} bytes, at most ${maxBytes} are read`);
    const bytes = Buffer.allocUnsafe(found.size);
    let length = 0;
    while (length < bytes.length) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(bytes, length, Math.min(bytes.length - length, 1 << 20), length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "it may not be read";
  return message;
}
