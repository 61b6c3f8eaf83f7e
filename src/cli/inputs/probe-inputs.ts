import { type Command, InvalidArgumentError } from "commander";
import { type InputsOption, randomInputs, warmUpInputs } from "../../health.ts";
import { type Inputs, readInput } from "../read-input.ts";

/** What a command that sends test predictions takes: inputs that are given, made up, or read from a warm-up file. */
export interface ProbeInputOptions {
  readonly input?: Inputs;
  readonly random?: number;
  readonly warmUp?: string;
}

/** Gives a command the options of {@link ProbeInputOptions}. */
export function takeProbeInputs(command: Command): Command {
  return command
    .option("-i, --input <name=JSON>", "an input, as JSON or name=@FILE (default: zeros for the signature)", readInput)
    .option("--random <seed>", "random inputs for the signature", readSeed)
    .option("--warm-up <path>", "inputs from a warm-up file, or from a version's folder");
}

/** @throws TypeError when inputs come from two places */
export function probeInputsOf({ input, random, warmUp }: ProbeInputOptions): InputsOption | undefined {
  if ([input, random, warmUp].filter((given) => given !== undefined).length > 1) {
    throw new TypeError("--input, --random and --warm-up exclude each other");
  }
  if (random !== undefined) return randomInputs({ seed: random });
  return warmUp === undefined ? input : warmUpInputs(warmUp);
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d{1,10}$/.test(text) || seed > 2 ** 32 - 1) {
    throw new InvalidArgumentError("a seed is a whole number from 0 to 4294967295.");
  }
  return seed;
}
