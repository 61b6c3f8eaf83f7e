const ENDING: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Turns a wish to end the process into an aborted signal. A second wish ends it at once, because nobody listens any more. */
export function abortOnSignal(): { readonly signal: AbortSignal; release(): void } {
  const abort = new AbortController();
  const release = (): void => {
    for (const name of ENDING) process.removeListener(name, end);
  };
  const end = (): void => {
    release();
    abort.abort();
  };
  for (const name of ENDING) process.on(name, end);
  return { signal: abort.signal, release };
}
