import { quote } from "../internal/quote.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { numbersOf, placeOf } from "./elements.ts";
import { fail, pass, type Verdict } from "./verdict.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * Whether every number of every output is finite. A place where `expected` itself has a NaN or an infinity is left to
 * the comparison with it: a model that masks with -Infinity is not sick.
 */
export function judgeFinite(outputs: Tensors, expected: Tensors): Verdict {
  for (const [name, found] of Object.entries(outputs)) {
    const values = numbersOf(found) ?? [];
    const wanted = Object.hasOwn(expected, name) ? numbersOf(expected[name] as Tensor) : undefined;
    let count = 0;
    let first = -1;
    for (let index = 0; index < values.length; index++) {
      if (isFiniteNumber(values[index] as number | bigint)) continue;
      const meant = wanted?.[index];
      if (meant !== undefined && !isFiniteNumber(meant)) continue;
      if (count === 0) first = index;
      count++;
    }
    if (count > 0) {
      const where = `${String(values[first])} at ${placeOf(found, first)}`;
      const output = `output ${quote(name)} has ${where}, ${count} of ${values.length} values are not finite`;
      return fail(`${output}; look for a broken weight or an input the model cannot take`, {
        observedValue: count,
        observedUnit: "values",
      });
    }
  }
  return pass("all numbers are finite");
}

function isFiniteNumber(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isFinite(value);
}
