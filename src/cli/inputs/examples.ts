import { type Command, InvalidArgumentError } from "commander";
import type { ExampleInput, FeatureInput } from "../../index.ts";
import { readBytes, readJsonWithIntegers } from "../read-input.ts";

/** What `classify` and `regress` take. */
export interface ExampleOptions {
  readonly example?: readonly ExampleInput[];
  readonly examples?: string;
  readonly context?: ExampleInput;
}

/** Gives a command the options of {@link ExampleOptions}. */
export function takeExamples(command: Command): Command {
  return command
    .option("-e, --example <JSON>", "an example, as an object of features; once for each", addExample)
    .option("--examples <file>", "examples as a JSON list or one a line, - for standard input")
    .option("--context <JSON>", "features that all examples share; @FILE reads a file", readContext);
}

export const EXAMPLES_HELP = `
A feature is a value or a list of them: 1.5 is float, 1 is int64, "a" and
{"b64": "AAEC"} are bytes, as in the server's own JSON; {"float": 1} says it
outright. --examples takes the body of a REST request as well.`;

/**
 * The examples and the context that the options give.
 *
 * @throws TypeError for what cannot be read, and when there is no example
 */
export function examplesOf(options: ExampleOptions): { examples: readonly ExampleInput[]; context?: ExampleInput } {
  const inFile = options.examples === undefined ? { examples: [] } : readFile(options.examples);
  const examples = [...inFile.examples, ...(options.example ?? [])];
  if (examples.length === 0) throw new TypeError("no examples: give --example or --examples");
  const context = options.context ?? inFile.context;
  return context === undefined ? { examples } : { examples, context };
}

interface Examples {
  readonly examples: readonly ExampleInput[];
  readonly context?: ExampleInput;
}

function readFile(file: string): Examples {
  try {
    return readExamples(readBytes(file).toString("utf8"));
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new TypeError(error.message);
    throw new TypeError(`${file}: ${(error as Error).message}`);
  }
}

/**
 * Examples in a text: a JSON list, one object, one a line, or `{"examples": [...], "context": {...}}`.
 *
 * @throws TypeError for anything else, with the line where it is one of many
 */
export function readExamples(text: string): Examples {
  let value: unknown;
  try {
    value = readJsonWithIntegers(text);
  } catch {
    return { examples: readLines(text) };
  }
  if (Array.isArray(value)) return { examples: value.map((each, index) => toExample(each, `example ${index + 1}`)) };
  if (!isObject(value) || !Array.isArray(value["examples"])) return { examples: [toExample(value, "the example")] };
  const { examples, context } = value;
  return {
    examples: examples.map((each, index) => toExample(each, `example ${index + 1}`)),
    ...(context !== undefined && { context: toExample(context, "the context") }),
  };
}

function readLines(text: string): ExampleInput[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const place = `line ${index + 1}`;
    try {
      return [toExample(readJsonWithIntegers(line), place)];
    } catch (error) {
      throw error instanceof SyntaxError ? new TypeError(`${place} is not JSON`) : error;
    }
  });
}

function toExample(value: unknown, what: string): ExampleInput {
  if (!isObject(value)) throw new TypeError(`${what} is no object of features`);
  const features: Record<string, FeatureInput> = Object.create(null);
  for (const [name, feature] of Object.entries(value)) features[name] = toFeature(feature) as FeatureInput;
  return features;
}

/** Whole numbers among others are floats too: `[1, 2.5]` is a list of floats. */
function toFeature(value: unknown): unknown {
  if (Array.isArray(value)) return value.some((item) => typeof item === "number") ? value.map(toNumber) : value;
  if (!isObject(value) || !("float" in value)) return value;
  const { float } = value;
  return { float: Array.isArray(float) ? float.map(toNumber) : toNumber(float) };
}

function toNumber(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function addExample(text: string, before: readonly ExampleInput[] = []): readonly ExampleInput[] {
  return [...before, parse(text)];
}

function readContext(text: string): ExampleInput {
  return parse(text.startsWith("@") ? readBytes(text.slice(1)).toString("utf8") : text);
}

function parse(text: string): ExampleInput {
  try {
    return toExample(readJsonWithIntegers(text), "it");
  } catch (error) {
    if (error instanceof TypeError) throw new InvalidArgumentError(`${error.message}.`);
    throw new InvalidArgumentError(`it is not JSON, such as {"x": 1.5}.`);
  }
}
