import { fileURLToPath } from "node:url";

/** The path of another program of this suite: source beside source, bundle beside bundle. */
export function sibling(name: string): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "mjs";
  return fileURLToPath(new URL(`${name}.${extension}`, import.meta.url));
}
