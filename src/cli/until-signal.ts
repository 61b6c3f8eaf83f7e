const ENDING: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"];

/** Waits to be asked to end. A second signal ends the process at once, because nobody listens any more. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const end = (signal: NodeJS.Signals): void => {
      for (const name of ENDING) process.removeListener(name, end);
      resolve(signal);
    };
    for (const name of ENDING) process.on(name, end);
  });
}
