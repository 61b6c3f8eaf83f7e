/** What is the fault of the disk, whatever its name: full, over a quota, broken. */
const OF_THE_DISK: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG", "EIO"];

/** Why the file of an option was not written: for a wrong argument a TypeError, for work that could not be done an Error. */
export function cannotWrite(option: string, file: string, error: unknown): Error {
  const { code = "unknown" } = (error ?? {}) as NodeJS.ErrnoException;
  const message = `${option}: cannot write ${file} (${code})`;
  return OF_THE_DISK.includes(code) ? new Error(message) : new TypeError(message);
}
