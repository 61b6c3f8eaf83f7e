import { type Command, InvalidArgumentError } from "commander";
import { DTYPES, type DType, isDType, type TensorInput, tensor } from "../../index.ts";
import { type Inputs, readBytes, readInput, readJson } from "../read-input.ts";
import { fromBytes } from "./npy.ts";
import { readNpz } from "./npz.ts";

/** What a command that predicts takes. */
export interface InputOptions {
  readonly input?: Inputs;
  readonly inputs?: string;
  readonly raw?: string;
  readonly dtype?: DType;
  readonly shape?: readonly number[];
  readonly image?: readonly string[];
}

/** Gives a command the options of {@link InputOptions}. */
export function takeInputs(command: Command): Command {
  return command
    .option("-i, --input <name=JSON>", "an input, as JSON or name=@FILE (.json, .npy); once for each", readInput)
    .option("--inputs <file>", "all inputs: a JSON object by name, an .npz, or - for JSON on standard input")
    .option("--raw <[name=]file>", "an input as bytes in memory order, little endian; with --dtype and --shape")
    .option("--dtype <dtype>", "of --raw", readDType)
    .option("--shape <lengths>", "of --raw, for example 1,224,224,3", readShape)
    .option("--image <[name=]file>", "a file as it is, for a model that decodes; each is a row", collect);
}

/**
 * The inputs that the options give. `loneInput` says what an input without a name is called.
 *
 * @throws TypeError for what cannot be read, what is there twice, and when nothing is given
 */
export async function inputsOf(options: InputOptions, loneInput: () => Promise<string>): Promise<Inputs> {
  const inputs: Record<string, TensorInput> = Object.create(null);
  const add = (name: string, value: TensorInput): void => {
    if (Object.hasOwn(inputs, name)) throw new TypeError(`input "${name}" is given twice`);
    inputs[name] = value;
  };
  if (options.inputs !== undefined)
    for (const [name, value] of Object.entries(readAll(options.inputs))) add(name, value);
  for (const [name, value] of Object.entries(options.input ?? {})) add(name, value);
  if (options.raw !== undefined) {
    const { name, file } = nameAndFile(options.raw);
    const value = readRaw(file, options);
    add(name ?? (await loneInput()), value);
  } else if (options.dtype !== undefined || options.shape !== undefined) {
    throw new TypeError("--dtype and --shape have an effect only with --raw");
  }
  for (const [name, files] of await byName(options.image ?? [], loneInput)) {
    add(name, tensor.string(files.map((file) => attempt(file, readBytes))));
  }
  if (Object.keys(inputs).length === 0) throw new TypeError("no inputs: give --input, --inputs, --raw or --image");
  return inputs;
}

async function byName(images: readonly string[], loneInput: () => Promise<string>): Promise<Map<string, string[]>> {
  const files = new Map<string, string[]>();
  for (const image of images) {
    const { name = await loneInput(), file } = nameAndFile(image);
    files.set(name, [...(files.get(name) ?? []), file]);
  }
  return files;
}

function nameAndFile(text: string): { name?: string; file: string } {
  const at = text.indexOf("=");
  return at === -1 ? { file: text } : { name: text.slice(0, at), file: text.slice(at + 1) };
}

function readAll(file: string): Record<string, TensorInput> {
  return attempt(file, () => {
    const bytes = readBytes(file);
    if (/\.npz$/i.test(file)) return readNpz(bytes);
    if (/\.npy$/i.test(file)) throw new TypeError(`an .npy has no name: --input NAME=@${file}`);
    const value = readJson(bytes.toString("utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array) {
      throw new TypeError("expected a JSON object of inputs by name");
    }
    return value as Record<string, TensorInput>;
  });
}

function readRaw(file: string, { dtype, shape }: InputOptions): TensorInput {
  if (dtype === undefined || shape === undefined) throw new TypeError("--raw needs --dtype and --shape");
  return attempt(file, () => {
    const bytes = readBytes(file);
    return fromBytes(dtype, new Uint8Array(bytes), shape);
  });
}

/** Says which file it was. */
function attempt<T>(file: string, read: (file: string) => T): T {
  try {
    return read(file);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new TypeError(error.message);
    throw new TypeError(`${file}: ${error instanceof SyntaxError ? "it is not JSON" : (error as Error).message}`);
  }
}

function readDType(text: string): DType {
  if (isDType(text)) return text;
  throw new InvalidArgumentError(`it is one of ${DTYPES.join(", ")}.`);
}

/** `1,224,224,3`, brackets and blanks allowed; nothing is a scalar. */
function readShape(text: string): readonly number[] {
  const inner = text.replace(/^\s*\[(.*)\]\s*$/s, "$1").trim();
  const lengths = inner === "" ? [] : inner.split(",").map((length) => length.trim());
  if (!lengths.every((length) => /^\d{1,10}$/.test(length))) {
    throw new InvalidArgumentError("a shape is written 1,224,224,3.");
  }
  return lengths.map(Number);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
