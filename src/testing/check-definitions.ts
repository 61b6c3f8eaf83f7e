import type { ModelVersionState } from "../contract/model-status.ts";
import { OPERATIONS } from "../contract/operations.ts";
import { CODE_NUMBERS } from "../errors/code.ts";
import { describeType, describeValue } from "../internal/describe-value.ts";
import { didYouMean } from "../internal/did-you-mean.ts";
import { quote } from "../internal/quote.ts";
import { isDType } from "../tensor/dtype.ts";

const MODEL = ["versions", "versionPolicy", "labels", "latencyMs"];
const VERSION = ["signatures", "predict", "classify", "regress", "load"];
const SIGNATURE = ["methodName", "inputs", "outputs", "defaults"];
const SPEC = ["dtype", "shape", "tensorName"];
const STATES = ["UNKNOWN", "START", "LOADING", "AVAILABLE", "UNLOADING", "END"] satisfies ModelVersionState[];
const TARGET = ["operation", "wire", "model", "times", "delayMs"];
const FAULT = [...TARGET, "code", "message", "reset", "hang", "status", "body", "headers", "cutAfterBytes"];
const FAILURES = Object.keys(CODE_NUMBERS).filter((code) => code !== "OK");

/**
 * Refuses names that mean nothing: a misspelt one would be left out in silence, and a test would prove something else.
 *
 * @throws TypeError naming it, and the one that was likely meant
 */
export function checkNames(value: unknown, known: readonly string[], subject: string): asserts value is object {
  requireObject(value, subject);
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw new TypeError(`${subject}: unknown name ${quote(name)}${didYouMean(name, known)}`);
  }
}

/** @throws TypeError for a model that is not well defined */
export function checkModels(models: unknown): void {
  requireObject(models, "models");
  for (const [name, model] of Object.entries(models)) {
    const subject = `model ${quote(name)}`;
    checkNames(model, MODEL, subject);
    checkDirectory((model as { readonly versions?: unknown }).versions, subject);
  }
}

/** @throws TypeError for versions that are not well defined */
export function checkDirectory(versions: unknown, subject: string): void {
  requireObject(versions, `${subject}: versions`);
  for (const [number, version] of Object.entries(versions)) checkVersion(version, `${subject} version ${number}`);
}

/** @throws TypeError for a version that is not well defined */
export function checkVersion(version: unknown, subject: string): void {
  checkNames(version, VERSION, subject);
  const { signatures } = version as { readonly signatures?: unknown };
  requireObject(signatures, `${subject}: signatures`);
  for (const [name, signature] of Object.entries(signatures)) {
    const place = `${subject}: signature ${quote(name)}`;
    checkNames(signature, SIGNATURE, place);
    const { inputs, outputs } = signature as { readonly inputs?: unknown; readonly outputs?: unknown };
    checkSpecs(inputs, `${place}: inputs`);
    checkSpecs(outputs, `${place}: outputs`);
  }
}

function checkSpecs(specs: unknown, subject: string): void {
  requireObject(specs, subject);
  for (const [name, spec] of Object.entries(specs)) {
    checkNames(spec, SPEC, `${subject}: ${quote(name)}`);
    const { dtype } = spec as { readonly dtype?: unknown };
    // Names of the server's own, which no tensor here can have, are told to clients as they are.
    if (isDType(dtype) || (typeof dtype === "string" && dtype.startsWith("DT_"))) continue;
    throw new TypeError(
      `${subject}: ${quote(name)} has the dtype ${describeValue(dtype)}, expected one such as "float32", or "DT_…"`,
    );
  }
}

/** @throws TypeError for a fault that would strike nothing, or not as it was meant */
export function checkFault(fault: unknown): void {
  checkNames(fault, FAULT, "inject");
  const { code, operation, wire } = fault as Readonly<Record<string, unknown>>;
  if (code !== undefined) checkOneOf(code, FAILURES, "inject: code");
  if (operation !== undefined) checkOneOf(operation, Object.keys(OPERATIONS), "inject: operation");
  if (wire !== undefined) checkOneOf(wire, ["grpc", "rest", "fake"], "inject: wire");
}

/** @throws TypeError for a state that no version can be in */
export function checkState(state: unknown): void {
  checkOneOf(state, STATES, "setVersionState: state");
}

function checkOneOf(value: unknown, known: readonly string[], subject: string): void {
  if (typeof value === "string" && known.includes(value)) return;
  const hint = typeof value === "string" ? didYouMean(value, known) : "";
  throw new TypeError(`${subject} cannot be ${describeValue(value)}${hint}`);
}

function requireObject(value: unknown, subject: string): asserts value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${subject} must be an object, got ${describeType(value)}`);
  }
}
