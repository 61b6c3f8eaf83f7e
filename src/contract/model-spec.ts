/** A model version: a whole number from 0. Returned as `number` while it is a safe integer, as `bigint` beyond. */
export type Version = number | bigint;

/** Which version: a number, or a label of the server's configuration, or neither (the newest that is available). */
export type VersionChoice =
  | { readonly version?: Version | undefined; readonly versionLabel?: undefined }
  | { readonly version?: undefined; readonly versionLabel?: string | undefined };

/** Which model, and which version of it. */
export type ModelChoice = { readonly model: string } & VersionChoice;

/** Which model, which version and which of its signatures. */
export type SignatureChoice = ModelChoice & {
  /** @default the server's own default, `serving_default` */
  readonly signatureName?: string | undefined;
};

/**
 * What answered. gRPC tells all three; REST tells none of them, there the name is the one that was asked for and
 * the version is there only when the request named one.
 */
export interface ServedModel {
  readonly name: string;
  readonly version?: Version;
  readonly signatureName?: string;
}
