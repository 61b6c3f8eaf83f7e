/** What keeps a process alive and belongs to connections and calls. */
const COUNTED = ["TCPSocketWrap", "TLSWrap", "PipeWrap", "TCPServerWrap", "Timeout", "GetAddrInfoReqWrap"] as const;

const PAUSE_MS = 5;
/**
 * Over a second of them, which is less than idle connections of REST live by themselves. They are counted, because in
 * a process that is held up a second passes without anything having had its turn.
 */
const PAUSES = 300;

/** Looks for what a test leaves behind: handles, and rejections and warnings that nobody took. */
export class Leftovers {
  readonly #before = count();
  readonly #stray: string[] = [];
  readonly #onRejection = (reason: unknown) => {
    this.#stray.push(`unhandled rejection: ${String(reason)}`);
  };
  readonly #onWarning = (warning: Error) => {
    if (warning.name !== "ExperimentalWarning") this.#stray.push(`warning: ${warning.name}: ${warning.message}`);
  };

  constructor() {
    process.on("unhandledRejection", this.#onRejection);
    process.on("warning", this.#onWarning);
  }

  /** After every client was closed: their connections must go within a second, while the servers still stand. */
  async afterClients(openConnections: () => number): Promise<string[]> {
    const gone = await until(() => openConnections() === 0);
    return gone ? [] : [`${openConnections()} connections of closed clients`];
  }

  /** After everything was closed: no more handles than before. */
  async afterAll(): Promise<string[]> {
    await until(() => this.#handles().length === 0);
    process.off("unhandledRejection", this.#onRejection);
    process.off("warning", this.#onWarning);
    return [...this.#handles(), ...this.#stray];
  }

  #handles(): string[] {
    const now = count();
    return COUNTED.filter((name) => now[name] > this.#before[name]).map(
      (name) => `${name}: ${now[name]}, before ${this.#before[name]}`,
    );
  }
}

function count(): Record<(typeof COUNTED)[number], number> {
  const resources = process.getActiveResourcesInfo();
  return Object.fromEntries(COUNTED.map((name) => [name, resources.filter((each) => each === name).length])) as Record<
    (typeof COUNTED)[number],
    number
  >;
}

/**
 * Handles go in turns of the event loop, without an event for each. Twice, because a connection that was being made
 * when its client was closed comes once more before it goes.
 */
async function until(done: () => boolean): Promise<boolean> {
  let inARow = 0;
  for (let pauses = 0; pauses < PAUSES && inARow < 2; pauses++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    inARow = done() ? inARow + 1 : 0;
  }
  return inARow === 2;
}
