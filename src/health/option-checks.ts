import type { Version } from "../contract/model-spec.ts";
import { describeValue } from "../internal/describe-value.ts";
import { didYouMean } from "../internal/did-you-mean.ts";
import { quote } from "../internal/quote.ts";

/** Reads the options of one function; what is wrong is a TypeError that begins with the function's name. */
export class OptionChecks {
  readonly #caller: string;

  constructor(caller: string) {
    this.#caller = caller;
  }

  refuse(problem: string): TypeError {
    return new TypeError(`${this.#caller}: ${problem}`);
  }

  wrong(name: string, expected: string, found: unknown): TypeError {
    return this.refuse(`${name} must be ${expected}, got ${describeValue(found)}`);
  }

  /** @throws TypeError for a name that is none of the known ones */
  known(options: object, names: readonly string[]): void {
    const unknown = Object.keys(options).find((name) => !names.includes(name));
    if (unknown !== undefined) throw this.refuse(`no option is called ${quote(unknown)}${didYouMean(unknown, names)}`);
  }

  model(value: unknown): string {
    if (typeof value !== "string" || value === "") throw this.wrong("model", "the name of a model", value);
    return value;
  }

  version(options: { readonly version?: unknown; readonly versionLabel?: unknown }): {
    readonly version: Version | undefined;
    readonly versionLabel: string | undefined;
  } {
    const { version, versionLabel } = options;
    if (version !== undefined && versionLabel !== undefined) {
      throw this.refuse("version and versionLabel exclude each other, give one of them");
    }
    const whole = typeof version === "bigint" || Number.isSafeInteger(version);
    if (version !== undefined && !(whole && (version as Version) >= 0)) {
      throw this.wrong("version", "a whole number from 0", version);
    }
    return { version: version as Version | undefined, versionLabel: this.text("versionLabel", versionLabel) };
  }

  text(name: string, value: unknown): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value === "") throw this.wrong(name, "a text that is not empty", value);
    return value;
  }

  milliseconds(name: string, value: unknown, otherwise: number, least: number): number {
    if (value === undefined) return otherwise;
    if (typeof value !== "number" || !(value >= least)) throw this.wrong(name, `milliseconds from ${least}`, value);
    return value;
  }

  whole(name: string, value: unknown, otherwise: number, least: number): number {
    if (value === undefined) return otherwise;
    if (!Number.isSafeInteger(value) || (value as number) < least) {
      throw this.wrong(name, `a whole number from ${least}`, value);
    }
    return value as number;
  }

  /** A finite number from 0. */
  amount(name: string, value: unknown): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !(value >= 0) || value === Number.POSITIVE_INFINITY)
      throw this.wrong(name, "a number from 0", value);
    return value;
  }

  record<T extends object>(name: string, value: T | undefined, expected: string): T | undefined {
    if (value !== undefined && !isRecord(value)) throw this.wrong(name, expected, value);
    return value;
  }

  callback<T>(name: string, value: T | undefined): T | undefined {
    if (value !== undefined && typeof value !== "function") throw this.wrong(name, "a function", value);
    return value;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
