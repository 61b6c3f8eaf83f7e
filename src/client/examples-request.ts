import { toExample } from "../contract/build-example.ts";
import type { ClassifyRequest } from "../contract/classify.ts";
import type { Example } from "../contract/example.ts";
import type { ExampleInput } from "../contract/example-input.ts";
import type { InferenceTask, MultiInferenceRequest } from "../contract/multi-inference.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType, describeValue } from "../internal/describe-value.ts";
import { quote } from "../internal/quote.ts";
import { checkKeys } from "./check-keys.ts";
import { checkSignatureName, toModelChoice } from "./check-model-choice.ts";

const KEYS = ["model", "version", "versionLabel", "signatureName", "examples", "context"];
const MULTI_KEYS = ["model", "version", "versionLabel", "tasks", "examples", "context"];

/**
 * Checks what `classify` or `regress` is asked and decides the kinds of its features.
 *
 * @throws ServingError (INVALID_ARGUMENT)
 */
export function toExamplesRequest(
  request: ClassifyRequest<ExampleInput>,
  operation: "classify" | "regress",
): ClassifyRequest {
  checkKeys(request, KEYS, `${operation}: the request`);
  const choice = toModelChoice(request, operation);
  const signatureName = checkSignatureName(request.signatureName, operation);
  return { ...choice, ...(signatureName === undefined ? {} : { signatureName }), ...toExamples(request, operation) };
}

/** The same for `multiInference`, and its tasks. @throws ServingError (INVALID_ARGUMENT) */
export function toMultiInferenceRequest(request: MultiInferenceRequest<ExampleInput>): MultiInferenceRequest {
  checkKeys(request, MULTI_KEYS, "multiInference: the request");
  const choice = toModelChoice(request, "multiInference");
  return { ...choice, tasks: checkTasks(request.tasks), ...toExamples(request, "multiInference") };
}

interface Examples<E> {
  readonly examples: readonly E[];
  readonly context?: E | undefined;
}

function toExamples(request: Examples<ExampleInput>, operation: string): Examples<Example> {
  const given: unknown = request.examples;
  if (!Array.isArray(given))
    throw invalidArgument(`${operation}: examples must be an array of objects, got ${describeType(given)}`);
  if (given.length === 0) throw invalidArgument(`${operation}: examples must hold at least one, got none`);
  // Array.from visits holes too: a missing example is refused, not left out.
  const examples = Array.from(given as ExampleInput[], (example, index) => toExample(example, `examples[${index}]`));
  if (request.context === undefined) return { examples };
  const context = toExample(request.context, "context");
  for (const [index, { features }] of examples.entries()) {
    for (const name of context.features.keys()) {
      // The server joins them as one message: which of the two it would read is nobody's promise.
      if (features.has(name))
        throw invalidArgument(`${operation}: feature ${quote(name)} stands in context and in examples[${index}]`);
    }
  }
  return { examples, context };
}

function checkTasks(tasks: unknown): readonly InferenceTask[] {
  if (!Array.isArray(tasks) || tasks.length === 0) {
    throw invalidArgument(
      `multiInference: tasks must be a non-empty array of { signatureName, method }, got ${Array.isArray(tasks) ? "none" : describeValue(tasks)}`,
    );
  }
  const seen = new Set<string>();
  return Array.from(tasks as unknown[], (task, index) => {
    checkKeys(task, ["signatureName", "method"], `multiInference: tasks[${index}]`);
    const { signatureName, method } = task as Record<string, unknown>;
    if (typeof signatureName !== "string" || signatureName === "") {
      throw invalidArgument(
        `multiInference: tasks[${index}].signatureName must be a non-empty string, got ${describeValue(signatureName)}`,
      );
    }
    if (method !== "classify" && method !== "regress") {
      throw invalidArgument(
        `multiInference: tasks[${index}].method must be "classify" or "regress", got ${describeValue(method)}`,
      );
    }
    if (seen.has(signatureName))
      throw invalidArgument(
        `multiInference: two tasks ask the signature ${quote(signatureName)}: the server takes each once`,
      );
    seen.add(signatureName);
    return { signatureName, method };
  });
}
