// An application and one of its dependencies can load the package once as ESM and once as CommonJS.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import * as esm from "tfserving";

const cjs = createRequire(import.meta.url)("tfserving");
assert.notEqual(esm.ServingError, cjs.ServingError);
for (const [thrower, catcher] of [
  [esm, cjs],
  [cjs, esm],
]) {
  const error = new thrower.ServingError("full", { code: "UNAVAILABLE", kind: "overloaded" });
  assert.ok(error instanceof catcher.ServingError);
  assert.ok(error instanceof Error);
  assert.ok(thrower.tensor.float32([1, 2]) instanceof catcher.Tensor);
  assert.ok(!({} instanceof catcher.Tensor));
  assert.ok(!(new Error("x") instanceof catcher.ServingError));
}
console.log("two copies ok");
