/** Which model, version and signature a request names. */
export interface RequestedModel {
  readonly name: string;
  readonly version: bigint | undefined;
  readonly versionLabel: string | undefined;
  /** `""` for the default one. */
  readonly signatureName: string;
}

/** What answered, in full: a label has become a version, an empty signature name the default one. */
export interface AnsweredBy {
  readonly name: string;
  readonly version: bigint;
  readonly signatureName: string;
}
