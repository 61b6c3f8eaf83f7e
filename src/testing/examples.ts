import type { Example } from "../contract/example.ts";

/** Each example with the features of the context; its own come first where both have one. */
export function withContext(examples: readonly Example[], context: Example | undefined): readonly Example[] {
  if (context === undefined) return examples;
  return examples.map(({ features }) => ({ features: new Map([...context.features, ...features]) }));
}
