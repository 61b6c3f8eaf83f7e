import { quote } from "../internal/quote.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { numbersOf, placeOf } from "./elements.ts";
import type { OutputPredicate } from "./health-options.ts";
import { oneLine } from "./one-line.ts";
import { fail, pass, type Verdict } from "./verdict.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** How far a number may be off. Left out: 1e-5 and 1e-8 for floats and complex numbers, 0 for bool and integers. */
export interface Tolerance {
  readonly rtol: number | undefined;
  readonly atol: number | undefined;
}

/** Whether the outputs hold the expected values. */
export function judgeExpected(outputs: Tensors, expected: Tensors, tolerance: Tolerance): Verdict {
  let largest = 0;
  for (const [name, wanted] of Object.entries(expected)) {
    const found = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
    const label = `output ${quote(name)}`;
    if (!found) return fail(`${label} is expected but was not answered; check the names in expect`);
    if (!sameShape(found.shape, wanted.shape)) {
      return fail(`${label} has shape ${formatShape(found.shape)}, expected ${formatShape(wanted.shape)}`);
    }
    const { index, difference } = compare(found, wanted, tolerance);
    largest = Math.max(largest, difference);
    if (index >= 0) return differs(label, found, wanted, index, difference);
  }
  return pass("all expected values came out", { observedValue: largest, observedUnit: "largest difference" });
}

/** Whether the caller's function is content. What it throws, or an answer of another kind, is never a pass. */
export function judgeByPredicate(outputs: Tensors, predicate: OutputPredicate): Verdict {
  let answer: unknown;
  try {
    answer = predicate(outputs);
  } catch (error) {
    return fail(`expect threw ${oneLine(error instanceof Error ? `${error.name}: ${error.message}` : String(error))}`);
  }
  if (answer === true) return pass("expect is content");
  if (answer === false) return fail("expect answered false; let it return a reason to see more here");
  if (typeof answer === "string") return fail(`expect says: ${oneLine(answer) || "no (an empty reason)"}`);
  const found = answer instanceof Promise ? "a promise" : typeof answer;
  return {
    status: "inconclusive",
    output: `expect answered ${found}; it must return true, false or a reason, at once`,
  };
}

interface Difference {
  /** The first value outside the tolerance; -1 when there is none. */
  readonly index: number;
  /** The difference there, else the largest of all. */
  readonly difference: number;
}

function compare(found: Tensor, wanted: Tensor, tolerance: Tolerance): Difference {
  const a = numbersOf(found);
  const b = numbersOf(wanted);
  if (!a || !b) return compareStrings(found, wanted);
  const exact = !/^(b?float|complex)/.test(found.dtype);
  const rtol = tolerance.rtol ?? (exact ? 0 : 1e-5);
  const atol = tolerance.atol ?? (exact ? 0 : 1e-8);
  let largest = 0;
  for (let index = 0; index < b.length; index++) {
    const x = a[index] as number | bigint;
    const y = b[index] as number | bigint;
    if (Object.is(x, y) || x === y) continue;
    const difference = Math.abs(Number(typeof x === "bigint" && typeof y === "bigint" ? x - y : Number(x) - Number(y)));
    // Not "difference > …": a NaN on either side must fail. Infinity minus a number is no tolerance's business either.
    if (!(difference <= atol + rtol * Math.abs(Number(y))) || !Number.isFinite(Number(y))) return { index, difference };
    largest = Math.max(largest, difference);
  }
  return { index: -1, difference: largest };
}

function compareStrings(found: Tensor, wanted: Tensor): Difference {
  const a = found.data as readonly Uint8Array[];
  const b = wanted.data as readonly Uint8Array[];
  const index = b.findIndex((bytes, at) => Buffer.compare(bytes, a[at] as Uint8Array) !== 0);
  return { index, difference: 0 };
}

function differs(label: string, found: Tensor, wanted: Tensor, index: number, difference: number): Verdict {
  const place = placeOf(found, index);
  const a = numbersOf(found)?.[index];
  const b = numbersOf(wanted)?.[index];
  // Text may be anybody's data, so it is not shown.
  if (a === undefined || b === undefined) return fail(`${label} is another text than expected at ${place}`);
  const observed = { observedValue: difference, observedUnit: "difference" };
  return fail(
    `${label} is ${a} at ${place}, expected ${b}; has the model changed, or are rtol and atol too tight?`,
    observed,
  );
}
