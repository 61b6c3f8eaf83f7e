import type { Version } from "../contract/model-spec.ts";
import { quote } from "../internal/quote.ts";

/** A model as reports call it: `model "m" version 3`, `model "m" label "stable"`. */
export function nameOfModel(choice: {
  readonly model: string;
  readonly version: Version | undefined;
  readonly versionLabel: string | undefined;
}): string {
  const { model, version, versionLabel } = choice;
  if (versionLabel !== undefined) return `model ${quote(model)} label ${quote(versionLabel)}`;
  return version === undefined ? `model ${quote(model)}` : `model ${quote(model)} version ${version}`;
}
