import { inflateRawSync } from "node:zlib";
import type { Tensor } from "../../index.ts";
import { readNpy } from "./npy.ts";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
/** Of one array, taken out of its compression. */
const MAX_ARRAY_BYTES = 2 ** 31 - 1;

/**
 * The arrays in a file of numpy.savez() or numpy.savez_compressed(), by name: a zip file of .npy files.
 *
 * @throws TypeError that names the array, for what {@link readNpy} refuses and for a zip file that is cut off
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function readNpz(bytes: Uint8Array): Record<string, Tensor> {
  const arrays: Record<string, Tensor> = Object.create(null);
  for (const { name, content } of readZip(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    try {
      arrays[name.replace(/\.npy$/, "")] = readNpy(content());
    } catch (error) {
      throw new TypeError(`array "${name.slice(0, 80)}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return arrays;
}

interface ZipEntry {
  readonly name: string;
  content(): Uint8Array;
}

function readZip(file: Buffer): ZipEntry[] {
  const end = findEnd(file);
  const entries: ZipEntry[] = [];
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > end || file.readUInt32LE(at) !== ENTRY) throw new TypeError("the list of its arrays is cut off");
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => file.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const entry = at;
    entries.push({
      name: file.toString("utf8", at + 46, at + 46 + nameBytes),
      content: () => readEntry(file, entry),
    });
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  return entries;
}

function findEnd(file: Buffer): number {
  const first = Math.max(0, file.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let at = file.length - END_BYTES; at >= first; at--) if (file.readUInt32LE(at) === END) return at;
  throw new TypeError("it is no .npz file: numpy.savez() writes them");
}

function readEntry(file: Buffer, at: number): Uint8Array {
  const method = file.readUInt16LE(at + 10);
  const [packed, size, local] = [20, 24, 42].map((offset) => file.readUInt32LE(at + offset)) as [
    number,
    number,
    number,
  ];
  if (Math.max(packed, size, local) > MAX_ARRAY_BYTES) throw new TypeError("arrays of 2 GiB and more are not read");
  if (local + 30 > file.length || file.readUInt32LE(local) !== LOCAL) throw new TypeError("it is cut off");
  const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
  const content = file.subarray(start, start + packed);
  if (content.length < packed) throw new TypeError("it is cut off");
  if (method === 0) return content;
  if (method !== 8) throw new TypeError(`it is packed in a way that numpy does not use (${method})`);
  // One byte more than promised would be too much already.
  return inflateRawSync(content, { maxOutputLength: Math.max(1, size) });
}
