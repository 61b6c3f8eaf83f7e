import type { ModelVersionStatus, ServingClient } from "../../index.ts";

type StatusClient = Pick<ServingClient, "getModelStatus">;

const TIMEOUT_MS = 5_000;

/** Shares one status request among those who want to know at the same moment: the watch itself, and its guard. */
export class StatusPoll implements StatusClient {
  readonly #client: StatusClient;
  readonly #model: string;
  #asking: ReturnType<StatusClient["getModelStatus"]> | undefined;

  constructor(client: StatusClient, model: string) {
    this.#client = client;
    this.#model = model;
  }

  readonly getModelStatus: StatusClient["getModelStatus"] = () => {
    this.#asking ??= this.#client
      .getModelStatus({ model: this.#model }, { timeoutMs: TIMEOUT_MS, maxRetries: 0 })
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  };

  async versions(): Promise<readonly ModelVersionStatus[]> {
    return (await this.getModelStatus({ model: this.#model })).versions;
  }
}
