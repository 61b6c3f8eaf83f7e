import type { Version } from "../contract/model-spec.ts";
import type { ModelVersionState } from "../contract/model-status.ts";
import type { Code } from "../errors/code.ts";
import type { CallDesk } from "./call-desk.ts";
import type { RecordedCall } from "./call-log.ts";
import { checkFault, checkState, checkVersion } from "./check-definitions.ts";
import type { Fault, InjectedFault } from "./faults.ts";
import type { VersionDefinition } from "./model-definition.ts";
import { ServerError } from "./server-error.ts";
import type { ServingCore } from "./serving-core.ts";
import { toVersionNumber } from "./version-number.ts";

/** What a test can see of a server, or of a fake one, and do to it. */
export interface TestControls {
  /** The latest calls, oldest first; at least the last 10 000. */
  readonly calls: readonly RecordedCall[];

  /**
   * Puts a version of a model into a state and keeps it there, whatever the server would do. The version, and even the
   * model, may be new: it is then listed, but cannot be AVAILABLE.
   *
   * @param error why it is in that state, as the status reports it: `END` with an error is a failed load
   */
  setVersionState(
    model: string,
    version: Version,
    state: ModelVersionState,
    error?: { readonly code: Code; readonly message: string },
  ): void;

  /**
   * Puts a version on the disk, where the server finds it at once: it loads what its policy then wants, and unloads
   * what it no longer wants. A base path, which begins with `/`, is made where it is missing.
   */
  addVersion(modelOrBasePath: string, version: Version, definition: VersionDefinition): void;

  /** Takes a version off the disk; false when it was not there. */
  removeVersion(modelOrBasePath: string, version: Version): boolean;

  /**
   * Makes calls fail, late, or not answered. The fault that was put in first and matches a call strikes it, alone.
   *
   * @example server.inject({ operation: "predict", code: "UNAVAILABLE", message: "queue full", times: 2 })
   */
  inject(fault: Fault): InjectedFault;

  /** Forgets calls, faults and all that was reloaded, added or set by hand: models are as when it was created. */
  reset(): Promise<void>;
}

/** The controls of a core and its desk. */
export class Controls implements TestControls {
  readonly #core: ServingCore;
  readonly #desk: CallDesk;

  constructor(core: ServingCore, desk: CallDesk) {
    this.#core = core;
    this.#desk = desk;
  }

  get calls(): readonly RecordedCall[] {
    return this.#desk.log.calls;
  }

  setVersionState(
    model: string,
    version: Version,
    state: ModelVersionState,
    error?: { readonly code: Code; readonly message: string },
  ): void {
    checkState(state);
    const failure = error && new ServerError(error.code, error.message);
    this.#core.registry.pin(model, toVersionNumber(version), state, failure);
  }

  addVersion(modelOrBasePath: string, version: Version, definition: VersionDefinition): void {
    checkVersion(definition, "addVersion");
    this.#core.addVersion(modelOrBasePath, toVersionNumber(version), definition);
  }

  removeVersion(modelOrBasePath: string, version: Version): boolean {
    return this.#core.removeVersion(modelOrBasePath, toVersionNumber(version));
  }

  inject(fault: Fault): InjectedFault {
    checkFault(fault);
    return this.#desk.faults.inject(fault);
  }

  async reset(): Promise<void> {
    this.#desk.clear();
    await this.#core.restart();
  }
}
