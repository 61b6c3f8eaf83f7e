import type { ModelVersionState } from "../contract/model-status.ts";
import type { VersionDefinition } from "./model-definition.ts";
import { type ServerError, toServerError } from "./server-error.ts";
import { type LoadedSignature, loadSignatures } from "./signatures.ts";

/**
 * One version of one model in the server's life: START, LOADING, AVAILABLE, UNLOADING, END.
 *
 * It is told to load and to unload; whatever becomes of that it tells `onChange`.
 */
export class ServedVersion {
  readonly model: string;
  readonly number: bigint;
  readonly definition: VersionDefinition | undefined;
  readonly signatures: ReadonlyMap<string, LoadedSignature>;
  /** Set by hand and left alone by the server since. */
  readonly pinned: boolean;
  /** Why it ended, where it failed. */
  error: ServerError | undefined;
  #state: ModelVersionState;
  #running = 0;
  readonly #onChange: (version: ServedVersion) => void;

  constructor(
    model: string,
    number: bigint,
    definition: VersionDefinition | undefined,
    onChange: (version: ServedVersion) => void,
    pinned?: { readonly state: ModelVersionState; readonly error: ServerError | undefined },
  ) {
    this.model = model;
    this.number = number;
    this.definition = definition;
    this.signatures = loadSignatures(definition?.signatures ?? {});
    this.pinned = pinned !== undefined;
    this.error = pinned?.error;
    this.#state = pinned?.state ?? "START";
    this.#onChange = onChange;
  }

  get state(): ModelVersionState {
    return this.#state;
  }

  /** Loads at once where there is nothing to wait for. A failure ends the version, it is never thrown. */
  load(): void {
    this.#enter("LOADING");
    try {
      const loading = this.definition?.load?.();
      if (loading === undefined) this.#enter("AVAILABLE");
      else
        loading.then(
          () => this.#enter("AVAILABLE"),
          (thrown: unknown) => this.#fail(thrown),
        );
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Takes no more requests from now on; ends when the last one under way is done. */
  unload(): void {
    if (this.#state !== "AVAILABLE") {
      this.#enter("END");
      return;
    }
    this.#enter("UNLOADING");
    if (this.#running === 0) this.#enter("END");
  }

  /** Keeps the version until the returned function is called. */
  hold(): () => void {
    this.#running++;
    return () => {
      this.#running--;
      if (this.#running === 0 && this.#state === "UNLOADING") this.#enter("END");
    };
  }

  #fail(thrown: unknown): void {
    this.error = toServerError(thrown);
    this.#enter("END");
  }

  #enter(state: ModelVersionState): void {
    this.#state = state;
    this.#onChange(this);
  }
}
