import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { WireTable } from "../unit/protos/read-protos.ts";
import { GeneratedMessages } from "./generated-message.ts";
import { type PlainMessage, PlainMessages, type PlainValue, sortPairs } from "./plain-message.ts";
import { RandomSource } from "./random-source.ts";

const INSTANCES = 25;

/** One random message of ours, and one answer of Google's protobuf to it. */
export interface Exchange {
  readonly type: string;
  readonly value: PlainMessage;
  /** What it read in our bytes; undefined where it does not know the type. */
  readonly theirReading: PlainMessage | undefined;
  /** Whether our bytes held a field that it does not know. */
  readonly unknown: boolean;
  /** What our code read in its bytes of the same value. */
  readonly ourReading: PlainMessage | undefined;
  /** Its field numbers by name. */
  readonly theirFields: Readonly<Record<string, number>> | undefined;
}

interface PeerResult {
  decoded: PlainMessage;
  unknown: boolean;
  encoded: string;
  fields: Record<string, number>;
}

/** Sends random messages of every type in the table through Google's protobuf, both ways. */
export async function exchangeMessages(
  python: string,
  args: readonly string[],
  table: WireTable,
): Promise<{ versions: Record<string, string>; exchanges: Exchange[] }> {
  const plain = new PlainMessages(table, new RandomSource(20_260_730));
  const generated = await GeneratedMessages.load(table);
  const values = Object.keys(table.messages).flatMap((type) =>
    Array.from({ length: INSTANCES }, () => ({ type, value: plain.make(type) })),
  );
  const cases = values.map(({ type, value }) => ({
    type,
    value,
    bytes: Buffer.from(generated.encode(type, value)).toString("base64"),
  }));
  const { versions, results } = askPeer(python, args, { cases });
  const exchanges = values.map(({ type, value }, index): Exchange => {
    const result = results[index] ?? undefined;
    return {
      type,
      value,
      theirReading: result && (sortMaps(result.decoded, table, type) as PlainMessage),
      unknown: result?.unknown ?? false,
      ourReading: result && generated.decode(type, Buffer.from(result.encoded, "base64")),
      theirFields: result?.fields,
    };
  });
  return { versions, exchanges };
}

function askPeer(
  python: string,
  args: readonly string[],
  input: object,
): { versions: Record<string, string>; results: (PeerResult | null)[] } {
  const script = fileURLToPath(new URL("protobuf_peer.py", import.meta.url));
  const { status, stdout, stderr, error } = spawnSync(python, [script, ...args], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`protobuf_peer.py ended with ${status}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout) as { versions: Record<string, string>; results: (PeerResult | null)[] };
}

/** The peer lists the pairs of a map in its own order. */
function sortMaps(message: PlainMessage, table: WireTable, type: string): PlainMessage {
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => {
      const field = table.messages[type]?.fields.find((candidate) => candidate.name === name);
      const itemType = field?.map?.value ?? field?.type ?? "";
      const inner = (item: PlainValue) =>
        itemType in table.messages ? sortMaps(item as PlainMessage, table, itemType) : item;
      if (field?.map) {
        return [name, sortPairs((value as [string, PlainValue][]).map(([key, item]) => [key, inner(item)]))];
      }
      return [name, Array.isArray(value) ? value.map(inner) : inner(value)];
    }),
  );
}
