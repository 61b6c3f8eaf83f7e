import { createReadStream, createWriteStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { LineWriter } from "../score/line-writer.ts";
import { ProgressLine, type ScoreProgress } from "../score/progress.ts";
import { resumeAfter, type Shard } from "../score/resume.ts";
import { type Format, readRows } from "../score/rows.ts";
import { score } from "../score/score.ts";
import { limitYoungSpace } from "../score/young-space.ts";
import { callOf, type ServerOptions, takeServer, versionOf, withClient } from "../server-options.ts";

interface ScoreOptions extends ServerOptions {
  readonly input: string;
  readonly output: string;
  readonly format?: Format;
  readonly batchSize: number;
  readonly inFlight: number;
  readonly shard: Shard;
  readonly resume?: true;
}

/** `tfserving score`: predicts every row of a file or a pipe. */
export function addScore(program: Command, output: Output, end: (code: ExitCode) => void): void {
  takeServer(program.command("score"), { signature: true, json: false })
    .description("predict every row of a file or a pipe, and write a line of JSON for each, in order")
    .option("-i, --input <file>", "rows as NDJSON, or as CSV with a header", "-")
    .option("-o, --output <file>", "where the lines go", "-")
    .addOption(new Option("--format <format>", "of the rows (default: by the file's name)").choices(["ndjson", "csv"]))
    .option("--batch-size <rows>", "rows a request; 1 for a model without a batch", readCount, 64)
    .option("--in-flight <requests>", "requests at a time", readCount, 2)
    .addOption(
      new Option("--shard <i/n>", "only every n-th row, beginning with row i, from 0")
        .argParser(readShard)
        .default({ index: 0, of: 1 }, "all rows"),
    )
    .option("--resume", "go on behind the last line of the output file")
    .addHelpText("after", HELP)
    .action(async (address: string | undefined, options: ScoreOptions) => {
      const failed = await run(address, options);
      if (failed === 0) return;
      output.complain(`tfserving: ${failed} ${failed === 1 ? "row" : "rows"} failed: their lines say why`);
      end(EXIT.rpc);
    });
}

const HELP = `
A row of NDJSON is an object of values by input name, or the bare value of the
only input. The columns of CSV are inputs of one value each, or together the
row of the only input. A line of the output is {"row": 0, "outputs": {...}} or
{"row": 0, "error": {...}}; rows are counted from 0, over all shards.

A failure of the server, not of a row, ends the run: --resume goes on with it.

Examples:
  $ tfserving score grpc://localhost:8500 -m m -i rows.csv -o scores.ndjson
  $ cat rows.ndjson | tfserving score -m half_plus_two | jq .outputs.y
  $ tfserving score -m m -i rows.ndjson -o part-3.ndjson --shard 3/8 --resume

Exit codes: 0 ok, 1 wrong usage, 2 no connection, 3 rows or the run failed.`;

/** How many rows failed. */
async function run(address: string | undefined, options: ScoreOptions): Promise<number> {
  // Before the output is touched: an input that is not there leaves no empty file behind.
  const totalBytes = options.input === "-" ? undefined : await sizeOf(options.input);
  const after = options.resume ? await resumed(options) : await unwritten(options);
  return withClient(address, options, async (client) => {
    const { batchSize, inFlight, shard } = options;
    const model = client.model(options.model, {
      ...versionOf(options),
      signatureName: options.signature,
      batching: batchSize > 1 && { maxBatchSize: batchSize, maxInFlight: inFlight },
    });
    const call = callOf(options);
    // Looked at before the first row is read: a model that cannot be scored so is one error, not one a row.
    const signature = await model.signature(call);
    const source = options.input === "-" ? process.stdin : createReadStream(options.input);
    const sink = options.output === "-" ? process.stdout : createWriteStream(options.output, { flags: "a" });
    const counts = { rows: 0, failed: 0 };
    let startedAt = performance.now();
    let bytesRead = 0;
    let bytesSkipped = 0;
    source.on("data", (piece: string | Buffer) => {
      bytesRead += Buffer.byteLength(piece);
      limitYoungSpace();
    });
    source.pause();
    source.setEncoding("utf8");
    const isWanted = (number: number): boolean => {
      if (after === undefined || number > after) return number % shard.of === shard.index;
      // What an earlier run has done says nothing about how fast this one is.
      startedAt = performance.now();
      bytesSkipped = bytesRead;
      return false;
    };
    const progress = (): ScoreProgress => ({
      ...counts,
      bytesRead,
      totalBytes,
      bytesSkipped,
      elapsedMs: performance.now() - startedAt,
    });
    // Lines and a bar on one terminal would write over each other.
    const terminal = process.stderr.isTTY && !(sink as NodeJS.WriteStream).isTTY ? process.stderr : undefined;
    const line = new ProgressLine(terminal, progress);
    const writer = new LineWriter(sink);
    try {
      const format = options.format ?? (options.input.toLowerCase().endsWith(".csv") ? "csv" : "ndjson");
      const rows = readRows(source as AsyncIterable<string>, format, signature, isWanted);
      const isBatch = [...Object.values(signature.inputs), ...Object.values(signature.outputs)].every(
        ({ shape }) => shape?.[0] === -1,
      );
      const job = { model, rows, writer, batchSize, isBatch, inFlight, options: call, counts };
      await score(job);
    } finally {
      line.end(terminal);
      // Standard output is the process's own, and stays open.
      await (sink === process.stdout ? writer.flush() : writer.end());
    }
    return counts.failed;
  });
}

async function resumed({ output, shard }: ScoreOptions): Promise<number | undefined> {
  if (output === "-") throw new TypeError("--resume needs the file of --output to go on with");
  return resumeAfter(output, shard);
}

/** @throws TypeError when there is something in the output file already */
async function unwritten({ output }: ScoreOptions): Promise<undefined> {
  if (output === "-") return;
  const file = await open(output, "a").catch((error) => refuse("write", output, error));
  const { size } = await file.stat();
  await file.close();
  if (size > 0) throw new TypeError(`${output} holds lines already: --resume goes on behind them`);
}

/** @throws TypeError when there is nothing to read */
async function sizeOf(input: string): Promise<number> {
  const found = await stat(input).catch((error) => refuse("read", input, error));
  if (found.isDirectory()) throw new TypeError(`cannot read ${input} (a directory)`);
  return found.size;
}

function refuse(what: "read" | "write", path: string, error: unknown): never {
  throw new TypeError(`cannot ${what} ${path} (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
}

function readCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,9}$/.test(text) || count === 0) throw new InvalidArgumentError("it is a whole number from 1.");
  return count;
}

function readShard(text: string): Shard {
  const [, index, of] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (index === undefined || shard.index >= shard.of) {
    throw new InvalidArgumentError("a shard is written i/n, i from 0 and below n, for example 0/4.");
  }
  return shard;
}
