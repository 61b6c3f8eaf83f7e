import type { ModelSpec } from "#generated/tensorflow_serving/apis/model.ts";
import type { ModelChoice, ServedModel, SignatureChoice, Version } from "../contract/model-spec.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { WireFault, within } from "./wire/wire-fault.ts";
import type { WireReader } from "./wire/wire-reader.ts";
import { sizeOfField, sizeOfText, sizeOfWords, writeHead, writeText, writeWords } from "./wire/wire-writer.ts";

const MAX_VERSION = 2n ** 63n - 1n;

/**
 * The bigint that goes out for a version.
 *
 * @throws ServingError (INVALID_ARGUMENT) unless it is a whole number from 0 to 2^63-1
 */
export function toVersion(version: Version, subject = "version"): bigint {
  const known = typeof version === "bigint" ? version : Number.isSafeInteger(version) ? BigInt(version) : -1n;
  if (known < 0n || known > MAX_VERSION) {
    throw invalidArgument(`${subject}: expected a whole number from 0 to 2^63-1, got ${String(version)}`);
  }
  return known;
}

/** A version as callers see it: a number while that is exact. */
export function fromVersion(version: bigint): Version {
  return version <= Number.MAX_SAFE_INTEGER && version >= 0n ? Number(version) : version;
}

/** The message for a choice of model, for those operations that are written by generated code. */
export function toModelSpec(choice: ModelChoice, signatureName = ""): ModelSpec {
  const { version, versionLabel } = checkChoice(choice);
  return {
    name: choice.model,
    versionChoice:
      version !== undefined
        ? { $case: "version", value: toVersion(version) }
        : versionLabel !== undefined
          ? { $case: "versionLabel", value: versionLabel }
          : undefined,
    signatureName,
  };
}

/** What answered, from a generated message; `asked` stands in for a reply that does not tell. */
export function fromModelSpec(spec: ModelSpec | undefined, asked: ModelChoice): ServedModel {
  const choice = spec?.versionChoice;
  const version = choice?.$case === "version" ? fromVersion(choice.value ?? 0n) : undefined;
  return servedModel(spec?.name || asked.model, version, spec?.signatureName ?? "");
}

function servedModel(name: string, version: Version | undefined, signatureName: string): ServedModel {
  if (version === undefined) return signatureName === "" ? { name } : { name, signatureName };
  return signatureName === "" ? { name, version } : { name, version, signatureName };
}

function checkChoice(choice: ModelChoice): { version: Version | undefined; versionLabel: string | undefined } {
  const { version, versionLabel } = choice;
  if (version !== undefined && versionLabel !== undefined) {
    throw invalidArgument("version and versionLabel exclude each other: give one of them");
  }
  return { version, versionLabel };
}

/**
 * The ModelSpec of an inference request, sized and about to be written.
 *
 * @see tensorflow_serving/apis/model.proto: the version is a wrapper message, so 0 is a version and not its absence
 */
export class OutgoingModelSpec {
  readonly size: number;
  readonly #model: string;
  readonly #nameSize: number;
  readonly #version: Version | undefined;
  readonly #versionSize: number = 0;
  readonly #low: number = 0;
  readonly #high: number = 0;
  readonly #label: string | undefined;
  readonly #labelSize: number;
  readonly #signatureName: string;
  readonly #signatureSize: number;

  /** @throws ServingError (INVALID_ARGUMENT) for a version that there cannot be, and for one beside a label */
  constructor(choice: SignatureChoice) {
    const { model, signatureName = "" } = choice;
    const { version, versionLabel } = checkChoice(choice);
    this.#model = model;
    this.#nameSize = sizeOfText(model);
    this.#version = version;
    this.#label = versionLabel;
    this.#labelSize = versionLabel === undefined ? 0 : sizeOfText(versionLabel);
    this.#signatureName = signatureName;
    this.#signatureSize = sizeOfText(signatureName);
    let size =
      (this.#nameSize === 0 ? 0 : sizeOfField(this.#nameSize)) +
      (this.#signatureSize === 0 ? 0 : sizeOfField(this.#signatureSize));
    if (versionLabel !== undefined) size += sizeOfField(this.#labelSize);
    if (version !== undefined) {
      if (typeof version === "number" && version >= 0 && Number.isSafeInteger(version)) {
        this.#low = version >>> 0;
        this.#high = Math.floor(version / 0x1_0000_0000);
      } else {
        const checked = toVersion(version);
        this.#low = Number(checked & 0xffff_ffffn);
        this.#high = Number(checked >> 32n);
      }
      if (this.#low !== 0 || this.#high !== 0) this.#versionSize = 1 + sizeOfWords(this.#low, this.#high);
      size += sizeOfField(this.#versionSize);
    }
    this.size = size;
  }

  /** Whether the same would be written for another choice. */
  says({ model, version, versionLabel, signatureName = "" }: SignatureChoice): boolean {
    return (
      model === this.#model &&
      version === this.#version &&
      versionLabel === this.#label &&
      signatureName === this.#signatureName
    );
  }

  /** Returns the position behind what it wrote. */
  write(target: Buffer, pos: number): number {
    if (this.#nameSize !== 0)
      pos = writeText(target, writeHead(target, pos, 10, this.#nameSize), this.#model, this.#nameSize);
    if (this.#version !== undefined) {
      pos = writeHead(target, pos, 18, this.#versionSize);
      if (this.#versionSize !== 0) {
        target[pos++] = 8;
        pos = writeWords(target, pos, this.#low, this.#high);
      }
    }
    if (this.#label !== undefined) {
      pos = writeText(target, writeHead(target, pos, 34, this.#labelSize), this.#label, this.#labelSize);
    }
    if (this.#signatureSize !== 0) {
      pos = writeText(
        target,
        writeHead(target, pos, 26, this.#signatureSize),
        this.#signatureName,
        this.#signatureSize,
      );
    }
    return pos;
  }
}

/** A ModelSpec as it is read: pieces of it merge, the last scalar counts. */
export class ModelSpecFields {
  name = "";
  version: Version | undefined;
  signatureName = "";

  read(reader: WireReader): void {
    const outer = reader.enter();
    try {
      while (reader.pos < reader.end) {
        const tag = reader.tag();
        switch (tag) {
          case 10:
            this.name = reader.string();
            break;
          case 18:
            this.#readVersion(reader);
            break;
          case 26:
            this.signatureName = reader.string();
            break;
          case 34:
            // The other half of the oneof: whatever version came before is gone.
            reader.string();
            this.version = undefined;
            break;
          default:
            reader.skip(tag, 0b11110);
        }
      }
    } catch (error) {
      throw within("model_spec", error);
    }
    reader.leave(outer);
  }

  /** What answered; `asked` stands in for a reply that does not tell. */
  toServedModel(asked: ModelChoice): ServedModel {
    return servedModel(this.name || asked.model, this.version, this.signatureName);
  }

  #readVersion(reader: WireReader): void {
    const outer = reader.enter();
    this.version ??= 0;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 8) this.version = reader.int64();
      else reader.skip(tag, 0b10);
    }
    if (this.version < 0) throw within("version", new WireFault(`${this.version} is negative`));
    reader.leave(outer);
  }
}
