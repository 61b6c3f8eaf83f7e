import type { ModelHandle } from "../client/model-handle.ts";
import type { PredictResponse } from "../contract/predict.ts";
import { DEFAULT_SIGNATURE, type Signature } from "../contract/signature.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Attempt, attempt } from "./attempt.ts";
import type { HealthClock } from "./health-clock.ts";
import type { HealthSettings } from "./health-options.ts";
import { judgeByPredicate, judgeExpected } from "./judge-expected.ts";
import { judgeFinite } from "./judge-finite.ts";
import { judgeOutputs } from "./judge-outputs.ts";
import { nameOfModel } from "./name-of-model.ts";
import { oneLine } from "./one-line.ts";
import { readExpected } from "./read-expected.ts";
import { fail, fromFailure, pass, toMilliseconds, type Verdict } from "./verdict.ts";

/** A prediction made to see whether it works: what was found, by the names of the report. */
export interface Trial {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** When the client has truly let go of the prediction, which may be after its time was over. */
  readonly settled: Promise<void>;
  /** When the prediction went out, on the clock; `undefined` when there was nothing to send. */
  readonly sentAt: number | undefined;
}

interface TrialSetup {
  readonly settings: HealthSettings;
  readonly model: ModelHandle;
  readonly clock: HealthClock;
  readonly deadlineAt: number;
}

/** Sends one prediction and judges what comes back. */
export async function tryPrediction({ settings, model, clock, deadlineAt }: TrialSetup): Promise<Trial> {
  const signature = await attempt(clock, deadlineAt, (options) => model.signature(options)).result;
  if (!signature.ok) return unsent(fromFailure(`the signature of ${nameOfModel(settings)} cannot be had`, signature));

  const signatureName = settings.signatureName ?? DEFAULT_SIGNATURE;
  const made = await attempt(clock, deadlineAt, ({ signal }) =>
    settings.inputs.inputsFor({ signature: signature.value, signatureName, index: 0, signal }),
  ).result;
  if (!made.ok) {
    return unsent({
      status: "inconclusive",
      output: `${reasonOf(made)}; give inputs to check ${nameOfModel(settings)}`,
    });
  }
  const sentAt = clock.now();
  const { result, settled } = attempt(clock, deadlineAt, (options) => model.predict(made.value, options));
  return { verdicts: judge(settings, signature.value, await result), settled, sentAt };
}

/** Why a source has no inputs: its own words, if it had any. */
function reasonOf({ error }: Extract<Attempt<unknown>, { ok: false }>): string {
  return oneLine(error instanceof Error ? error.message : "no inputs can be had");
}

function unsent(verdict: Verdict): Trial {
  return { verdicts: new Map([["predicts", verdict]]), settled: Promise.resolve(), sentAt: undefined };
}

function judge(
  settings: HealthSettings,
  signature: Signature,
  prediction: Attempt<PredictResponse>,
): Map<string, Verdict> {
  const verdicts = new Map([["predicts", judgePrediction(settings, prediction)]]);
  if (!prediction.ok) return verdicts;

  const { outputs } = prediction.value;
  const fitting = judgeOutputs(outputs, signature);
  verdicts.set("outputs", fitting);
  const { expect } = settings;
  const expected = typeof expect === "object" ? readExpected(expect, signature) : { tensors: {} };
  verdicts.set("finite", judgeFinite(outputs, "tensors" in expected ? expected.tensors : {}));
  // Values of an output that is not the signature's would be compared with something they cannot be.
  if (expect === undefined || fitting.status !== "pass") return verdicts;
  verdicts.set("expected", judgeValues(outputs, settings, expected));
  return verdicts;
}

function judgeValues(
  outputs: Readonly<Record<string, Tensor>>,
  settings: HealthSettings,
  expected: ReturnType<typeof readExpected>,
): Verdict {
  if (typeof settings.expect === "function") return judgeByPredicate(outputs, settings.expect);
  if ("obstacle" in expected) return { status: "inconclusive", output: expected.obstacle };
  return judgeExpected(outputs, expected.tensors, settings);
}

function judgePrediction(settings: HealthSettings, prediction: Attempt<PredictResponse>): Verdict {
  const name = nameOfModel(settings);
  if (!prediction.ok) return judgeFailure(settings, prediction);
  const observed = { observedValue: toMilliseconds(prediction.durationMs), observedUnit: "ms" };
  const took = `a prediction of ${name} took ${observed.observedValue} ms`;
  if (prediction.durationMs > settings.maxLatencyMs) {
    return fail(`${took}, more than maxLatencyMs ${settings.maxLatencyMs}; look at the server's load`, observed);
  }
  const from = settings.inputs.name;
  return pass(from === "" ? took : `${took} (${oneLine(from)})`, observed);
}

function judgeFailure(settings: HealthSettings, failure: Extract<Attempt<unknown>, { ok: false }>): Verdict {
  const verdict = fromFailure(`a prediction of ${nameOfModel(settings)} failed`, failure);
  const { error } = failure;
  // Made-up values may be nonsense to a healthy model: only real inputs can tell.
  const mayBeTheInputs =
    settings.inputs.synthetic && error instanceof ServingError && error.code === "INVALID_ARGUMENT";
  if (!mayBeTheInputs) return verdict;
  return {
    ...verdict,
    status: "inconclusive",
    output: `${verdict.output}; made-up inputs may be the cause: give real inputs`,
  };
}
