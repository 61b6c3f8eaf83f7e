import type { Classification, ClassifyResult } from "../../contract/classify.ts";
import type { ModelChoice, ServedModel } from "../../contract/model-spec.ts";
import type { RegressResult } from "../../contract/regress.ts";
import { ModelSpecFields } from "../model-spec.ts";
import type { DecodeBudget } from "./decode-limits.ts";
import { WireFault, within } from "./wire-fault.ts";
import { WireReader } from "./wire-reader.ts";

/** What a class takes in memory, about; on the wire it may be two bytes. */
const BYTES_PER_CLASS = 64;

/** One result an example, so `expected` bounds what a reply may make us build; of classes there may be any number. */
export function readClassifications(
  reader: WireReader,
  results: Classification[][],
  expected: number,
  budget: DecodeBudget,
): void {
  readEach(reader, 1, "classifications", results.length, expected, (index) => {
    results[index] = readClasses(reader, budget);
  });
}

function readClasses(reader: WireReader, budget: DecodeBudget): Classification[] {
  const classes: Classification[] = [];
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag !== 10) {
      reader.skip(tag, 0b10);
      continue;
    }
    budget.take(BYTES_PER_CLASS);
    const outer = reader.enter();
    let label = "";
    let score = 0;
    try {
      while (reader.pos < reader.end) {
        const field = reader.tag();
        if (field === 10) label = reader.string();
        else if (field === 21) score = reader.float();
        else reader.skip(field, 0b110);
      }
    } catch (error) {
      throw within(`classes[${classes.length}]`, error);
    }
    classes.push({ label, score });
    reader.leave(outer);
  }
  return classes;
}

/** One value an example. */
export function readRegressions(reader: WireReader, results: number[], expected: number): void {
  readEach(reader, 1, "regressions", results.length, expected, (index) => {
    let value = 0;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 13) value = reader.float();
      else reader.skip(tag, 0b10);
    }
    results[index] = value;
  });
}

/** Calls `read` inside each of the repeated messages `field` of the message that opens here. */
function readEach(
  reader: WireReader,
  field: number,
  name: string,
  start: number,
  expected: number,
  read: (index: number) => void,
): void {
  const outer = reader.enter();
  let index = start;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag !== ((field << 3) | 2)) {
      reader.skip(tag, 1 << field);
      continue;
    }
    if (index === expected) throw new WireFault(`has more than ${expected} ${name} for ${expected} examples`);
    const inner = reader.enter();
    try {
      read(index);
    } catch (error) {
      throw within(`${name}[${index}]`, error);
    }
    reader.leave(inner);
    index++;
  }
  reader.leave(outer);
}

/** ClassificationResponse and RegressionResponse: one `result`, and who answered. */
export function readInferenceResponse<R extends ClassifyResult | RegressResult>(
  bytes: Buffer,
  asked: ModelChoice,
  readResult: (reader: WireReader) => void,
  results: R["results"],
  expected: number,
): { readonly results: R["results"]; readonly modelSpec: ServedModel } {
  const reader = new WireReader(bytes);
  const spec = new ModelSpecFields();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) {
      try {
        readResult(reader);
      } catch (error) {
        throw within("result", error);
      }
    } else if (tag === 18) spec.read(reader);
    else reader.skip(tag, 0b110);
  }
  checkCount(results.length, expected);
  return { results, modelSpec: spec.toServedModel(asked) };
}

/** A result that is missing would shift all others against their examples. */
export function checkCount(found: number, expected: number): void {
  if (found !== expected) throw within("result", new WireFault(`has ${found} results for ${expected} examples`));
}
