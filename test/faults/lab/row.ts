import { expect, it } from "vitest";
import { Laboratory, type WireName } from "./laboratory.ts";

/**
 * A row of the fault matrix as a test, once for each wire named. What the body leaves open is closed, and its calls
 * are held against the common law.
 */
export function row(
  number: number,
  wires: WireName | "both",
  outcome: string,
  body: (lab: Laboratory) => Promise<void>,
): void {
  for (const wire of wires === "both" ? (["grpc", "rest"] as const) : [wires]) {
    it(`row ${number} [${wire}]: ${outcome}`, async () => {
      const lab = new Laboratory(wire);
      try {
        await body(lab);
      } catch (error) {
        // What the body found says more than the law would after it.
        await lab.end();
        throw error;
      }
      expect(await lab.end()).toEqual([]);
    });
  }
}
