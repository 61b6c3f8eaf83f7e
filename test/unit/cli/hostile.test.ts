import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestServer, type TestServer } from "../../../src/testing.ts";
import { runMain as run } from "./record-output.ts";

const STEERS = "\u001b[2J\u001b]0;title\u0007\u009b31m\r\u202ename\u2066\u0000\u007f";
/** Everything that moves a cursor, paints, rings, or turns the order of letters round; a line end is ours. */
const FORBIDDEN = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;

let server: TestServer;
beforeAll(async () => {
  const vector = { dtype: "string", shape: [-1] };
  server = await createTestServer({
    models: {
      hostile: {
        versions: {
          1: {
            signatures: {
              serving_default: { inputs: { x: vector }, outputs: { [`out${STEERS}`]: vector } },
              [`sig${STEERS}`]: { inputs: { [`in${STEERS}`]: vector }, outputs: { y: vector } },
            },
            predict: ({ x }) => ({ [`out${STEERS}`]: x as NonNullable<typeof x> }),
          },
        },
      },
      broken: { versions: { 1: { signatures: {}, predict: () => ({}) } } },
    },
  });
  server.setVersionState("broken", 1, "END", { code: "INTERNAL", message: `no ${STEERS} file` });
});
afterAll(() => server.close());

describe("the words of a server", () => {
  const value = JSON.stringify([`value${STEERS}`]);
  it.each([
    ["status", "-m", "broken"],
    ["status", "-m", "broken", "--json"],
    ["metadata", "-m", "hostile"],
    ["metadata", "-m", "hostile", "--json"],
    ["predict", "-m", "hostile", "-i", `x=${value}`],
    ["predict", "-m", "hostile", "-i", `x=${value}`, "--json"],
    ["predict", "-m", "hostile", "--signature", "none", "-i", `x=${value}`],
    ["predict", "-m", "hostile", "--signature", `sig${STEERS}`, "-i", `z=${value}`],
    ["predict", "-m", "hostile", "--signature", `sig${STEERS}`, "-i", `z=${value}`, "--json"],
    ["health", "-m", "hostile", "-i", `x=${value}`, "--expect", `x${STEERS}=[]`],
    ["health", "-m", "broken"],
    ["health", "-m", "broken", "--json"],
    ["wait", "-m", "broken"],
    ["wait", "-m", "broken", "--json"],
    ["status", "-m", `none${STEERS}`],
    ["watch", "-m", "broken", "--samples", "1"],
    ["watch", "-m", "hostile", "--samples", "1", "--json", "-i", `x=${value}`],
    ["soak", "-m", "broken", "--memory-pid", String(process.pid)],
    ["soak", "-m", "hostile", "--memory-pid", String(process.pid), "-n", "10", "-i", `z=${value}`],
    ["doctor", "-m", "broken"],
    ["doctor", "-m", "hostile"],
    ["doctor", "-m", "hostile", "--json"],
  ])("steer no terminal: %j", async (...args) => {
    for (const address of [server.grpcAddress, server.restAddress]) {
      const [command = "", ...more] = args;
      const { out, complaints } = await run(command, address, ...more);
      for (const line of `${out}\n${complaints}`.split("\n")) expect(line).not.toMatch(FORBIDDEN);
    }
  });
});
