import type { Cancellation } from "../internal/cancellation.ts";
import type { ConfiguredModel } from "./configured-model.ts";
import type { ModelRegistry } from "./model-registry.ts";
import type { ServedVersion } from "./served-version.ts";
import { invalid, ServerError } from "./server-error.ts";

/**
 * The configuration of a running server and its replacement, with the faults of the real one: a refused reload may
 * leave its configuration stored, and one without a platform spoils every reload after it.
 *
 * @see tensorflow_serving/model_servers/server_core.cc ReloadConfig
 */
export class ServerConfig {
  readonly #registry: ModelRegistry;
  readonly #allowUnavailableLabels: boolean;
  #stored: readonly ConfiguredModel[];
  #labels: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  /** Reloads take turns, and the server sets no limit to a turn. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(registry: ModelRegistry, initial: readonly ConfiguredModel[], allowUnavailableLabels: boolean) {
    this.#registry = registry;
    this.#allowUnavailableLabels = allowUnavailableLabels;
    this.#stored = initial;
    this.#labels = labelsOf(initial);
  }

  /** The version a label stands for, loaded or not. */
  versionOf(model: string, label: string): bigint {
    const version = this.#labels.get(model)?.get(label);
    if (version === undefined) throw invalid(`Unrecognized servable version label: ${label}`);
    return version;
  }

  /**
   * Replaces the whole configuration, then waits until each model name that is new has a version that is available
   * or has ended. A base path that does not exist makes this, and every reload after it, wait until it does.
   */
  reload(models: readonly ConfiguredModel[], cancellation: Cancellation): Promise<void> {
    const reloading = this.#turn.then(() => this.#replace(models, cancellation));
    this.#turn = reloading.catch(() => {});
    return reloading;
  }

  async #replace(models: readonly ConfiguredModel[], cancellation: Cancellation): Promise<void> {
    checkList(models);
    checkPlatforms(this.#stored, models);
    this.#stored = models;
    this.#checkLabels(models);
    this.#labels = labelsOf(models);
    for (const model of models) {
      if (platformOf(model) !== "tensorflow") {
        throw invalid(`Model ${model.name} requests unsupported platform ${model.platform}`);
      }
    }
    const known = new Set(this.#registry.watched.map(({ name }) => name));
    const newNames = models.map(({ name }) => name).filter((name) => !known.has(name));
    const arrived = awaitModels(this.#registry, newNames, cancellation);
    this.#registry.watch(models);
    const failed = (await arrived).filter((version) => version.state !== "AVAILABLE");
    if (failed.length > 0) throw new ServerError("UNKNOWN", describeFailed(failed));
    if (models.some((model) => model.hasLoggingConfig)) throw invalid("No request-logger-creator provided.");
  }

  #checkLabels(models: readonly ConfiguredModel[]): void {
    for (const { name, labels } of models) {
      for (const [label, version] of labels) {
        const before = this.#labels.get(name)?.get(label);
        const mayBeUnavailable = this.#allowUnavailableLabels && (before === undefined || before === version);
        const target = this.#registry.list(name).find(({ number }) => number === version);
        if (!mayBeUnavailable && target?.state !== "AVAILABLE") {
          throw new ServerError(
            "FAILED_PRECONDITION",
            `Request to assign label to version ${version} of model ${name}, which is not currently available for inference`,
          );
        }
      }
    }
  }
}

/**
 * Resolves when each of the models has a version that became AVAILABLE or END from now on, with the highest such
 * version of each.
 */
export function awaitModels(
  registry: ModelRegistry,
  names: readonly string[],
  cancellation: Cancellation,
): Promise<readonly ServedVersion[]> {
  const reached = new Map<string, ServedVersion>();
  return new Promise((resolve, reject) => {
    if (names.length === 0) {
      resolve([]);
      return;
    }
    const stopListening = registry.onState((version) => {
      if (!names.includes(version.model)) return;
      if (version.state !== "AVAILABLE" && version.state !== "END") return;
      const highest = reached.get(version.model);
      if (highest === undefined || version.number > highest.number) reached.set(version.model, version);
      if (reached.size < names.length) return;
      stopListening();
      stopWaiting();
      resolve([...reached.values()]);
    });
    const stopWaiting = cancellation.onCancel((reason) => {
      stopListening();
      reject(reason);
    });
  });
}

/** `1 model(s) did not become available: {{name: m version: 1} due to error: …, }` */
export function describeFailed(failed: readonly ServedVersion[]): string {
  const each = failed.map(
    ({ model, number, error }) =>
      `{name: ${model} version: ${number}} due to error: ${error?.toStatusText() ?? "OK"}, `,
  );
  return `${failed.length} model(s) did not become available: {${each.join("")}}`;
}

function labelsOf(models: readonly ConfiguredModel[]): ReadonlyMap<string, ReadonlyMap<string, bigint>> {
  return new Map(models.map(({ name, labels }) => [name, labels]));
}

function checkList(models: readonly ConfiguredModel[]): void {
  const names = new Set<string>();
  for (const { name, basePath } of models) {
    if (names.has(name)) throw invalid(`Illegal to list model ${name} multiple times in config list`);
    names.add(name);
    if (!basePath.startsWith("/") && !/^[a-zA-Z][\w+.-]*:\/\//.test(basePath)) {
      throw invalid(`Expected model ${name} to have an absolute path or URI; got base_path()=${basePath}`);
    }
  }
}

function checkPlatforms(before: readonly ConfiguredModel[], after: readonly ConfiguredModel[]): void {
  const platforms = new Map(before.map((model) => [model.name, platformOf(model)]));
  for (const model of after) {
    const known = platforms.get(model.name);
    if (known === undefined) continue;
    const platform = platformOf(model);
    if (platform !== known) {
      throw invalid(
        `Illegal to change a model's platform. For model ${model.name} platform was ${known} and new platform requested is ${platform}`,
      );
    }
  }
}

function platformOf({ platform }: ConfiguredModel): string {
  if (platform !== "") return platform;
  throw invalid(
    "Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform.",
  );
}
