/** What one soak found. */
export interface Report {
  readonly figures: Readonly<Record<string, unknown>>;
  /** One sentence each; none is a pass. */
  readonly breaches: readonly string[];
}
