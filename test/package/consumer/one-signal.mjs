// Any number of calls may share a signal: Node.js warns of a leak when it gets an eleventh listener.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { tensor } from "tfserving";
import { createFakeClient } from "tfserving/testing";

const warnings = [];
process.on("warning", (warning) => warnings.push(warning.name));

const signature = {
  methodName: "tensorflow/serving/predict",
  inputs: { x: { dtype: "float32", shape: [-1] } },
  outputs: { y: { dtype: "float32", shape: [-1] } },
};
const client = createFakeClient({
  m: { versions: { 1: { signatures: { serving_default: signature }, predict: () => new Promise(() => {}) } } },
});
const controller = new AbortController();
const { signal } = controller;
const calls = Array.from({ length: 1_000 }, () =>
  client.predict({ model: "m", inputs: { x: tensor.float32([1]) } }, { signal }),
);
const settled = Promise.allSettled(calls);
// A warning is told of on the next tick.
await new Promise((resolve) => setImmediate(resolve));
assert.equal(getEventListeners(signal, "abort").length, 1);
controller.abort("enough");
assert.ok((await settled).every(({ reason }) => reason === "enough"));
assert.deepEqual(getEventListeners(signal, "abort"), []);
await client.close();
assert.deepEqual(warnings, []);
console.log("one signal ok");
