/** How long a host is believed not to have a model: replicas load at different times, within seconds of each other. */
const ABSENT_MS = 5_000;
/** Names come from callers; a host does not have to remember all of them. */
const MOST = 64;

/** Which models a host lately said it does not have. */
export class AbsentModels {
  readonly #until = new Map<string, number>();

  has(key: string, now: number): boolean {
    if (this.#until.size === 0) return false;
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (now < until) return true;
    this.#until.delete(key);
    return false;
  }

  add(key: string, now: number): void {
    this.#until.delete(key);
    const [oldest] = this.#until.size >= MOST ? this.#until.keys() : [];
    if (oldest !== undefined) this.#until.delete(oldest);
    this.#until.set(key, now + ABSENT_MS);
  }

  remove(key: string): void {
    if (this.#until.size > 0) this.#until.delete(key);
  }
}

/** What a request asks for, where hosts can differ in having it; undefined where it names no model. */
export function modelKey(request: object): string | undefined {
  const { model, version, versionLabel } = request as {
    readonly model?: unknown;
    readonly version?: unknown;
    readonly versionLabel?: unknown;
  };
  if (typeof model !== "string") return undefined;
  if (version === undefined && versionLabel === undefined) return model;
  return `${model}\n${String(version)}\n${String(versionLabel)}`;
}
