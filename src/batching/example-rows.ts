import type { ClassifyRequest, ClassifyResponse } from "../contract/classify.ts";
import type { Example } from "../contract/example.ts";
import type { RegressResponse } from "../contract/regress.ts";
import { chooseAlike, keyOfModel } from "./batch-key.ts";
import type { RowKind } from "./row-kind.ts";
import { wrongRows } from "./wrong-rows.ts";

/** A row of a classify is an example, and the list of its classes. */
export const CLASSIFY_ROWS: RowKind<ClassifyRequest, ClassifyResponse> = exampleRows<ClassifyResponse>();

/** A row of a regress is an example, and its value. */
export const REGRESS_ROWS: RowKind<ClassifyRequest, RegressResponse> = exampleRows<RegressResponse>();

function exampleRows<R extends ClassifyResponse | RegressResponse>(): RowKind<ClassifyRequest, R> {
  return {
    measure({ examples, context }) {
      const shared = context === undefined ? 0 : bytesOf(context);
      let bytes = 0;
      for (const example of examples) bytes += bytesOf(example) + shared;
      return { rows: examples.length, bytes };
    },

    keyOf: keyOfModel,
    areAlike: chooseAlike,

    cut: (request, begin, end) => ({ ...request, examples: request.examples.slice(begin, end) }),

    merge(requests, rows) {
      const { context: _, ...first } = requests[0]!;
      const examples = requests.flatMap(withContext);
      const filling = withContext(requests.at(-1)!)[0]!;
      while (examples.length < rows) examples.push(filling);
      return { ...first, examples };
    },

    split({ results, modelSpec }, { counts, rows }) {
      if (results.length !== rows) throw wrongRows(rows, `the server answered ${results.length} results`);
      let begin = 0;
      return counts.map((count) => {
        const own = results.slice(begin, begin + count);
        begin += count;
        return { results: own, modelSpec } as unknown as R;
      });
    },

    join(responses) {
      const results = (responses as readonly ClassifyResponse[]).flatMap((response) => response.results);
      return { ...responses[0]!, results } as R;
    },
  };
}

/** The examples with what they share written into each: the server reads both forms alike, and contexts differ. */
function withContext({ examples, context }: ClassifyRequest): readonly Example[] {
  if (context === undefined) return examples;
  return examples.map(({ features }) => ({ features: new Map([...context.features, ...features]) }));
}

/** About as many as it takes on the wire. */
function bytesOf({ features }: Example): number {
  let bytes = 0;
  for (const [name, feature] of features) {
    bytes += name.length;
    if (feature.kind === "none") continue;
    if (feature.kind === "bytes") for (const value of feature.values) bytes += value.length;
    else bytes += feature.values.byteLength;
  }
  return bytes;
}
