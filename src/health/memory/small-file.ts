import { open } from "node:fs/promises";

const MAX_BYTES = 256 * 1024;

/** Text of a file of the kernel's: at most 256 KiB of it, which none of them comes near. */
export async function readSmallFile(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(MAX_BYTES);
    let length = 0;
    while (length < MAX_BYTES) {
      const { bytesRead } = await file.read(buffer, length, MAX_BYTES - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.toString("utf8", 0, length);
  } finally {
    await file.close();
  }
}

/** {@link readSmallFile}, or undefined where there is no such file or it may not be read. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readSmallFile(path);
  } catch {
    return undefined;
  }
}

/** The number after a name in a file of lines such as `anon 4096` or `VmRSS:    4 kB`. */
export function numberAfter(text: string, name: string): number | undefined {
  for (const line of text.split("\n")) {
    if (!line.startsWith(name)) continue;
    const rest = line.slice(name.length);
    if (rest[0] !== " " && rest[0] !== "\t" && rest[0] !== ":") continue;
    const value = Number.parseInt(rest.replace(":", "").trim(), 10);
    return Number.isFinite(value) ? value : undefined;
  }
  return undefined;
}
