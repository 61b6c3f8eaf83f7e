import { createHealthCheck, type HealthLevel, type HealthReport } from "../../../src/health.ts";
import { Laboratory, type WireName } from "../lab/laboratory.ts";
import { REQUEST_FAULTS, type RequestFault } from "./request-faults.ts";
import { answerRight, MODEL } from "./right-replies.ts";
import { CONNECTION_FAULTS, type ConnectionFault } from "./scenes.ts";

/** Short, because whatever hangs takes all of it. */
export const TIMEOUT_MS = 200;

/** How long one check took under one fault. */
export interface Measured {
  readonly row: number;
  readonly fault: string;
  readonly wire: WireName;
  /** The level, and where in it the fault came: `predicts, at request 2`. */
  readonly level: HealthLevel;
  readonly at: number;
  /** Beyond the timeout; negative where there was time left. */
  readonly lateMs: number;
  /** The same without the time in which this process was held up. */
  readonly ownLateMs: number;
  readonly status: HealthReport["status"];
  readonly output: string;
  readonly mayPass: boolean;
}

/** A level, and the request of it that the fault strikes first: status, signature, prediction; then those of the soak. */
const CASES: readonly (readonly [level: HealthLevel, at: number])[] = [
  ["connect", 0],
  ["alive", 0],
  ["loaded", 0],
  ["predicts", 0],
  ["predicts", 1],
  ["predicts", 2],
  ["stable", 5],
];
const LEVELS: readonly HealthLevel[] = ["connect", "alive", "loaded", "predicts", "stable"];

/** One fault with all its cases at a time, each against a server of its own. Also what was left behind. */
export interface Tried {
  readonly measured: readonly Measured[];
  readonly left: readonly string[];
}

export function requestFaultsOf(wire: WireName): readonly RequestFault[] {
  return REQUEST_FAULTS.filter((fault) => fault[wire] !== undefined);
}

export function connectionFaultsOf(wire: WireName): readonly ConnectionFault[] {
  return CONNECTION_FAULTS.filter(({ wires }) => wires === "both" || wires === wire);
}

export function tryRequestFault(wire: WireName, fault: RequestFault, timeoutMs = TIMEOUT_MS): Promise<Tried> {
  return inLaboratory(wire, async (lab) => {
    const one = async ([level, at]: (typeof CASES)[number]) => {
      let requests = 0;
      // A connection that is taken late must not be held once nobody waits for its fault any more.
      let over = false;
      const strike = <T extends Parameters<typeof answerRight>[0]>(
        target: T,
        how: ((target: T) => void) | undefined,
      ) => {
        if (requests++ < at || how === undefined) answerRight(target);
        else how(target);
      };
      const scripts = fault.whileSending
        ? {
            grpc: {
              onHead: (stream: Parameters<NonNullable<RequestFault["grpc"]>>[0]) => {
                if (!over && requests >= at) fault.grpc?.(stream);
              },
              onRequest: (stream: Parameters<NonNullable<RequestFault["grpc"]>>[0]) => {
                if (requests++ < at) answerRight(stream);
              },
            },
            rest: {
              onHead: (exchange: Parameters<NonNullable<RequestFault["rest"]>>[0]) => {
                if (!over && requests >= at) fault.rest?.(exchange);
              },
              onRequest: (exchange: Parameters<NonNullable<RequestFault["rest"]>>[0]) => {
                if (requests++ < at) answerRight(exchange);
              },
            },
          }
        : {
            grpc: {
              onRequest: (stream: Parameters<NonNullable<RequestFault["grpc"]>>[0]) => strike(stream, fault.grpc),
            },
            rest: {
              onRequest: (exchange: Parameters<NonNullable<RequestFault["rest"]>>[0]) => strike(exchange, fault.rest),
            },
          };
      const { address } = await lab.server(scripts);
      // A connection alone meets no request.
      const mayPass = fault.mayPass === true || level === "connect";
      const measured = await measure(lab, fault, { address, client: fault.client }, { level, at, mayPass, timeoutMs });
      over = true;
      return measured;
    };
    return Promise.all(CASES.map(one));
  });
}

export function tryConnectionFault(wire: WireName, fault: ConnectionFault): Promise<Tried> {
  return inLaboratory(wire, (lab) =>
    Promise.all(
      LEVELS.map(async (level) =>
        // A listener is all that there is to find out about some of them.
        measure(lab, fault, await fault.open(lab), {
          level,
          at: 0,
          mayPass: fault.mayPass === true || level === "connect",
          timeoutMs: TIMEOUT_MS,
        }),
      ),
    ),
  );
}

async function inLaboratory(wire: WireName, body: (lab: Laboratory) => Promise<readonly Measured[]>): Promise<Tried> {
  const lab = new Laboratory(wire);
  let measured: readonly Measured[];
  try {
    measured = await body(lab);
  } catch (error) {
    await lab.end();
    throw error;
  }
  return { measured, left: await lab.end() };
}

async function measure(
  lab: Laboratory,
  { row, name }: { readonly row: number; readonly name: string },
  scene: { readonly address: string; readonly client?: RequestFault["client"] },
  how: Pick<Measured, "level" | "at" | "mayPass"> & { readonly timeoutMs: number },
): Promise<Measured> {
  const { timeoutMs, level } = how;
  const client = lab.client(scene.address, scene.client);
  const soaking = level === "stable" ? { memory: () => 1e9, predictions: 30 } : {};
  const health = createHealthCheck(client, { model: MODEL, level, timeoutMs, ...soaking });
  const from = performance.now();
  const { status, output } = await health.check();
  const to = performance.now();
  return {
    row,
    fault: name,
    wire: lab.wire,
    level,
    at: how.at,
    lateMs: to - from - timeoutMs,
    ownLateMs: lab.elapsed(from, to) - timeoutMs,
    status,
    output,
    mayPass: how.mayPass,
  };
}
